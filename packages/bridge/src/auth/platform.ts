import type { IncomingHttpHeaders } from 'node:http';
import { decodeProtectedHeader, importJWK, jwtVerify, KeyLike } from 'jose';
import type { AuthConfig } from '../config/auth';
import { Refusal } from '../frames/errors';
import { unauthorized } from './challenge';
import { Authenticator, bearerOf, Identity, PORTAL_HEADER } from './identity';
import { Verified, VerifiedTokens } from './VerifiedTokens';

const ISSUER = 'mcp-cloud';
/** The subject of the portal's own questions. */
const PORTAL_SUBJECT = 'plugin:mcp-cloud';
const MAX_TOKEN_LENGTH = 8192;
/** Clocks of portal and node may differ by this. */
const CLOCK_TOLERANCE_SECONDS = 10;

const HOW_TO =
  "Make a token for this server on its Connect page in the portal and send it as 'Authorization: Bearer <token>'";

function invalidToken(message: string): Refusal {
  return unauthorized(message, { error: 'invalid_token' });
}

function explain(error: unknown): string {
  const { code, claim } = error as { code?: string; claim?: string };
  if (code === 'ERR_JWT_EXPIRED') return 'The token has expired.';
  if (claim === 'aud') return 'The token is for another server.';
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
    return "The token's signature is wrong.";
  return 'The token is not valid.';
}

/** Verifies the portal's signed tokens. One that was verified is remembered until it expires or the keys change. */
export class PlatformAuthenticator implements Authenticator {
  private readonly keys = new Map<string, Promise<KeyLike | Uint8Array>>();
  private readonly verified = new VerifiedTokens();

  constructor(
    private readonly config: Pick<
      AuthConfig,
      'audience' | 'keys' | 'notBefore'
    >,
  ) {
    for (const jwk of config.keys) {
      const key = importJWK(jwk, 'EdDSA');
      key.catch(() => {}); // a bad key fails its tokens, not the process
      this.keys.set(jwk.kid, key);
    }
  }

  async authenticate(headers: IncomingHttpHeaders): Promise<Identity> {
    const token =
      bearerOf(headers[PORTAL_HEADER]) ?? bearerOf(headers.authorization);
    if (token === undefined)
      throw unauthorized(`This server needs a token. ${HOW_TO}.`, {});
    if (token.length > MAX_TOKEN_LENGTH)
      throw invalidToken('The token is too long to be one of the portal.');
    return this.verified.of(token, () => this.verify(token));
  }

  private async verify(token: string): Promise<Verified> {
    let payload;
    try {
      const { kid } = decodeProtectedHeader(token);
      const key = kid === undefined ? undefined : this.keys.get(kid);
      if (!key)
        throw invalidToken(
          `The token is signed with a key that this server does not know. ${HOW_TO}.`,
        );
      ({ payload } = await jwtVerify(token, await key, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: this.config.audience,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'iat', 'exp', 'aud'],
      }));
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw invalidToken(`${explain(error)} ${HOW_TO}.`);
    }
    const { sub, iat, exp } = payload;
    if (!sub || iat === undefined || exp === undefined)
      throw invalidToken(`The token is incomplete. ${HOW_TO}.`);
    if (iat < this.config.notBefore)
      throw invalidToken(`The token was revoked. ${HOW_TO}.`);
    return {
      identity: {
        principal: sub,
        scopes: new Set(),
        claims: payload,
        portal: sub === PORTAL_SUBJECT,
      },
      until: (exp + CLOCK_TOLERANCE_SECONDS) * 1000,
    };
  }
}
