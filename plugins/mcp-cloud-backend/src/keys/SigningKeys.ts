import { AuthenticationError } from '@backstage/errors';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { PublicJwk } from '../manifests/types';
import type { SigningKeyStore, StoredKey } from './SigningKeyStore';
import type { TokenSigner } from './types';

const ISSUER = 'mcp-cloud';
/** A little longer than the longest token lives, so that the last one a key signed is good to its end. */
const GRACE_MS = 13 * 3600 * 1000;

/** Signs and checks tokens with the keys of the database, of which it holds a copy in memory. */
export class SigningKeys implements TokenSigner {
  readonly #store: SigningKeyStore;
  #keys: StoredKey[];

  private constructor(store: SigningKeyStore, keys: StoredKey[]) {
    this.#store = store;
    this.#keys = keys;
  }

  static async create(store: SigningKeyStore): Promise<SigningKeys> {
    return new SigningKeys(store, await store.load());
  }

  async reload(): Promise<void> {
    this.#keys = await this.#store.load();
  }

  /**
   * Lets the next key sign when the current one has done so for `afterMs`. True when bridges have to be told a new
   * next key.
   */
  async rotate(afterMs: number): Promise<boolean> {
    await this.reload();
    const current = this.#current();
    if (Date.now() - (current.signsFrom ?? 0) < afterMs) {
      return false;
    }
    const rotated = await this.#store.rotate(current.generation);
    await this.reload();
    return rotated;
  }

  publicKeys(): PublicJwk[] {
    return this.#good().map(key => key.publicJwk);
  }

  async sign(claims: {
    audience: string;
    subject: string;
    ttlSeconds: number;
  }) {
    const key = this.#current();
    const issuedAt = Math.floor(Date.now() / 1000);
    const expires = issuedAt + claims.ttlSeconds;
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
      .setIssuer(ISSUER)
      .setAudience(claims.audience)
      .setSubject(claims.subject)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expires)
      .sign(key.privateKey);
    return { token, expiresAt: new Date(expires * 1000) };
  }

  async verify(token: string, server: { id: string; tokensNotBefore: number }) {
    try {
      const { kid } = decodeProtectedHeader(token);
      const find = () => this.#good().find(candidate => candidate.kid === kid);
      let key = find();
      if (!key && kid) {
        await this.reload();
        key = find();
      }
      if (!key) {
        throw new AuthenticationError(
          'The token was signed with an unknown key.',
        );
      }
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: server.id,
        requiredClaims: ['sub', 'iat', 'exp'],
      });
      if (payload.iat! < server.tokensNotBefore) {
        throw new AuthenticationError('The token was revoked.');
      }
      return {
        subject: payload.sub!,
        expiresAt: new Date(payload.exp! * 1000),
      };
    } catch (error) {
      throw error instanceof AuthenticationError
        ? error
        : new AuthenticationError('The token is not valid.');
    }
  }

  #current(): StoredKey {
    const signing = this.#keys.filter(
      key => key.signsFrom !== undefined && key.signsFrom <= Date.now(),
    );
    // A replica whose clock is behind the database's would find none in the first moments.
    return signing.at(-1) ?? this.#keys[0];
  }

  /** The coming key, the current one, and former ones as long as a token of theirs may live. */
  #good(): StoredKey[] {
    return this.#keys.filter((_, index) => {
      const successor = this.#keys[index + 1];
      return (
        successor?.signsFrom === undefined ||
        successor.signsFrom + GRACE_MS > Date.now()
      );
    });
  }
}
