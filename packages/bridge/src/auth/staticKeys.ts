import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { StaticKey } from '../config/auth';
import { unauthorized } from './challenge';
import { Authenticator, bearerOf, Identity } from './identity';

interface KnownKey {
  readonly hash: Buffer;
  readonly identity: Identity;
}

/** Knows keys by their hashes. Keys are long and random, so a plain hash gives nothing away. */
export class KeyAuthenticator implements Authenticator {
  private readonly keys: readonly KnownKey[];

  constructor(keys: readonly StaticKey[]) {
    this.keys = keys.map(({ id, hash, principal, scopes }) => ({
      hash: Buffer.from(hash, 'hex'),
      identity: {
        principal: principal ?? `key:${id}`,
        scopes: new Set(scopes),
        claims: {},
        keyId: id,
      },
    }));
  }

  async authenticate({
    authorization,
  }: IncomingHttpHeaders): Promise<Identity> {
    const key = bearerOf(authorization);
    if (key === undefined) {
      throw unauthorized(
        "This server needs a key. Send it as 'Authorization: Bearer <key>'.",
        {},
      );
    }
    const hash = createHash('sha256').update(key).digest();
    // All are compared, so that the time tells nothing about which.
    const [found] = this.keys.filter(known =>
      timingSafeEqual(known.hash, hash),
    );
    if (!found) {
      throw unauthorized(
        'This server does not know the key. Ask its owner for another one.',
        { error: 'invalid_token' },
      );
    }
    return found.identity;
  }
}
