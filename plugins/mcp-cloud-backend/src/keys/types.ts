import type { PublicJwk } from '../manifests/types';

/** Signs and checks the tokens by which bridges know users. Ed25519, issuer `mcp-cloud`. */
export interface TokenSigner {
  /** `audience` is the server's id, `subject` an entity reference. */
  sign(claims: {
    audience: string;
    subject: string;
    ttlSeconds: number;
  }): Promise<{ token: string; expiresAt: Date }>;
  /** The subject of a valid token for this server; throws `AuthenticationError` otherwise. */
  verify(
    token: string,
    server: { id: string; tokensNotBefore: number },
  ): Promise<{ subject: string; expiresAt: Date }>;
  publicKeys(): PublicJwk[];
  /** Reads again what others may have changed. */
  reload(): Promise<void>;
}
