import { exportJWK, generateKeyPair, KeyLike, SignJWT } from 'jose';
import type { PublicJwk } from '../config/auth';

const AUDIENCE = '5b0a3c8e-0000-4000-8000-000000000001';

export const unixNow = () => Math.floor(Date.now() / 1000);

/** A key pair of a portal, and tokens signed with it. */
export class Issuer {
  private constructor(
    readonly kid: string,
    readonly jwk: PublicJwk,
    readonly privateKey: KeyLike,
  ) {}

  static async create(kid = 'one'): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', {
      crv: 'Ed25519',
    });
    const { x = '' } = await exportJWK(publicKey);
    const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', kid, x };
    return new Issuer(kid, jwk, privateKey);
  }

  /** The setting of a bridge that trusts this issuer. */
  auth(overrides: object = {}) {
    return {
      mode: 'platform',
      audience: AUDIENCE,
      keys: [this.jwk],
      ...overrides,
    };
  }

  token(
    claims: Record<string, unknown> = {},
    { key = this.privateKey, kid = this.kid } = {},
  ): Promise<string> {
    const payload = {
      iss: 'mcp-cloud',
      aud: AUDIENCE,
      sub: 'user:default/alice',
      iat: unixNow(),
      exp: unixNow() + 600,
      ...claims,
    };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .sign(key);
  }

  async bearer(...args: Parameters<Issuer['token']>) {
    return { authorization: `Bearer ${await this.token(...args)}` };
  }
}
