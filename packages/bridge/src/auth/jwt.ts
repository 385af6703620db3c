import type { IncomingHttpHeaders } from 'node:http';
import { JWTPayload, jwtVerify } from 'jose';
import type { JwtSettings } from '../config/auth';
import { Refusal } from '../frames/errors';
import { insufficientScope, unauthorized } from './challenge';
import { Authenticator, bearerOf, Identity } from './identity';
import { IssuerKeys } from './issuerKeys';
import { Verified, VerifiedTokens } from './VerifiedTokens';

const MAX_TOKEN_LENGTH = 16_384;
/** A verified token is looked at again after this, so that a key that was withdrawn opens nothing for long. */
const TRUST_MS = 300_000;
/** A public key must never be taken for the secret of an HMAC. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];
/** What jose throws when the token is at fault, and not the way to its keys. */
const OF_THE_TOKEN =
  /^ERR_(JWT|JWS|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING|JWKS_MULTIPLE)/;

/** Authorization servers write scopes as one text (`scope`) or as `scp`. */
function scopesOf({ scope, scp }: JWTPayload): Set<string> {
  const words = (value: unknown): unknown[] => {
    if (typeof value === 'string') return value.split(' ');
    return Array.isArray(value) ? value : [];
  };
  const all = [...words(scope), ...words(scp)];
  return new Set(
    all.filter(
      (word): word is string => typeof word === 'string' && word !== '',
    ),
  );
}

/** Verifies access tokens of an OAuth issuer by its published keys. A session belongs to issuer and subject. */
export class JwtAuthenticator implements Authenticator {
  private readonly keys: IssuerKeys;
  private readonly verified = new VerifiedTokens();

  constructor(
    private readonly settings: JwtSettings,
    private readonly metadata: string | undefined,
  ) {
    this.keys = new IssuerKeys(settings);
  }

  async authenticate({
    authorization,
  }: IncomingHttpHeaders): Promise<Identity> {
    const token = bearerOf(authorization);
    const { scopes } = this.settings;
    if (token === undefined) {
      throw unauthorized(
        `This server needs an access token of ${this.settings.issuer}.`,
        { scope: scopes, metadata: this.metadata },
      );
    }
    if (token.length > MAX_TOKEN_LENGTH)
      throw this.invalidToken('The token is too long.');
    const identity = await this.verified.of(token, () => this.verify(token));
    if (!scopes.every(scope => identity.scopes.has(scope))) {
      throw insufficientScope(
        `The token lacks a scope; this server needs ${scopes.join(' ')}.`,
        scopes,
        this.metadata,
      );
    }
    return identity;
  }

  private async verify(token: string): Promise<Verified> {
    const { issuer, resource, clockTolerance } = this.settings;
    const toleranceSeconds = clockTolerance / 1000;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, await this.keys.get(), {
        algorithms: ALGORITHMS,
        issuer,
        audience: resource,
        clockTolerance: toleranceSeconds,
        requiredClaims: ['sub', 'exp'],
      }));
    } catch (error) {
      throw this.refusalOf(error);
    }
    const { sub, exp } = payload;
    if (!sub || exp === undefined)
      throw this.invalidToken('The token names no subject or no end.');
    const expiry = (exp + toleranceSeconds) * 1000;
    return {
      identity: {
        principal: `${issuer} ${sub}`,
        scopes: scopesOf(payload),
        claims: payload,
      },
      until: Math.min(expiry, Date.now() + TRUST_MS),
    };
  }

  private refusalOf(error: unknown): Refusal {
    const { code = '', claim } = error as { code?: string; claim?: string };
    if (!OF_THE_TOKEN.test(code)) {
      return new Refusal(
        503,
        'auth',
        "The token cannot be verified at the moment, as the issuer's keys cannot be read; try again",
        { retryAfterSeconds: 5 },
      );
    }
    if (code === 'ERR_JWT_EXPIRED')
      return this.invalidToken('The token has expired.');
    if (claim === 'aud') {
      return this.invalidToken(
        `The token is for another server; ask for one with the resource ${this.settings.resource}.`,
      );
    }
    if (claim === 'iss')
      return this.invalidToken('The token is of another issuer.');
    return this.invalidToken('The token is not valid.');
  }

  private invalidToken(message: string): Refusal {
    return unauthorized(message, {
      error: 'invalid_token',
      scope: this.settings.scopes,
      metadata: this.metadata,
    });
  }
}
