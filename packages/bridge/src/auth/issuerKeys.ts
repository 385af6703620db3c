import { createRemoteJWKSet, JWTVerifyGetKey } from 'jose';
import type { JwtSettings } from '../config/auth';

const FETCH_MS = 5000;
/** After a failure, or for a key id that is not known, the issuer is asked again after this. */
const COOLDOWN_MS = 5000;
/** A key that the issuer has withdrawn is forgotten after this. */
const KEYS_MAX_AGE_MS = 600_000;

/** The issuer's keys could not be had; nothing is said about the token. */
export class IssuerSilent extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IssuerSilent';
  }
}

/** Where an issuer's metadata may be: as RFC 8414 has it, and as OpenID Connect has it. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

async function jwksUriFrom(
  url: string,
  issuer: string,
): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(FETCH_MS),
    });
    if (!answer.ok) return undefined;
    const metadata = (await answer.json()) as Record<string, unknown> | null;
    // Metadata that names another issuer is not this one's (RFC 8414, 3.3).
    return metadata?.issuer === issuer && typeof metadata.jwks_uri === 'string'
      ? metadata.jwks_uri
      : undefined;
  } catch {
    return undefined;
  }
}

async function discover(issuer: string): Promise<string> {
  for (const url of metadataUrls(issuer)) {
    const found = await jwksUriFrom(url, issuer);
    if (found !== undefined) return found;
  }
  throw new IssuerSilent(
    `No metadata of the issuer ${issuer} could be read; set auth.jwt.jwksUri, or see whether this machine reaches it`,
  );
}

/** The keys of a token issuer: found by its metadata, fetched when first needed, kept, and fetched anew when they rotate. */
export class IssuerKeys {
  private found?: Promise<JWTVerifyGetKey>;

  constructor(
    private readonly settings: Pick<JwtSettings, 'issuer' | 'jwksUri'>,
  ) {}

  /** @throws IssuerSilent */
  get(): Promise<JWTVerifyGetKey> {
    this.found ??= this.find();
    return this.found;
  }

  private async find(): Promise<JWTVerifyGetKey> {
    const { issuer, jwksUri } = this.settings;
    try {
      return createRemoteJWKSet(new URL(jwksUri ?? (await discover(issuer))), {
        timeoutDuration: FETCH_MS,
        cooldownDuration: COOLDOWN_MS,
        cacheMaxAge: KEYS_MAX_AGE_MS,
      });
    } catch (error) {
      const again = () => {
        this.found = undefined;
      };
      setTimeout(again, COOLDOWN_MS).unref();
      throw error;
    }
  }
}
