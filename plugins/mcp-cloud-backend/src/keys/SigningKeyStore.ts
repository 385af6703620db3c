import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type KeyLike,
} from 'jose';
import type { Knex } from 'knex';
import { databaseTime } from '../database/databaseTime';
import type { SigningKeyRow } from '../database/rows';
import type { PublicJwk } from '../manifests/types';
import { seal, unseal } from './seal';

/** A stored key, opened. */
export interface StoredKey {
  generation: number;
  kid: string;
  publicJwk: PublicJwk;
  publicKey: KeyLike;
  privateKey: KeyLike;
  /** Milliseconds; missing while it is the coming key. */
  signsFrom?: number;
}

/**
 * Keeps signing keys in the database, their private halves sealed. A key's generation is the primary key, so that
 * of several replicas that start at once just one makes each key, and all read the same.
 */
export class SigningKeyStore {
  readonly #knex: Knex;
  readonly #secret: string;

  constructor(knex: Knex, secret: string) {
    this.#knex = knex;
    this.#secret = secret;
  }

  /** All keys, oldest first; makes the first and the second one when they are not there. */
  async load(): Promise<StoredKey[]> {
    let rows = await this.#rows();
    // With just one, another replica is between the two at this moment, or died there.
    if (rows.length < 2) {
      await this.#make(1, databaseTime(this.#knex));
      await this.#make(2, null);
      rows = await this.#rows();
    }
    return Promise.all(rows.map(row => this.#open(row)));
  }

  /** Lets the coming key sign and makes the one after it. Says whether it was this replica that did so. */
  async rotate(current: number): Promise<boolean> {
    const coming = current + 1;
    // The one after it first: a crash in between leaves one key more, and not one less.
    await this.#make(coming + 1, null);
    const changed = await this.#knex('signing_keys')
      .where({ generation: coming })
      .whereNull('signs_from')
      .update({ signs_from: databaseTime(this.#knex) });
    return changed === 1;
  }

  #rows(): Promise<SigningKeyRow[]> {
    return this.#knex<SigningKeyRow>('signing_keys')
      .orderBy('generation')
      .select();
  }

  async #make(generation: number, signsFrom: Knex.Raw | null): Promise<void> {
    const { privateKey } = await generateKeyPair('EdDSA', {
      crv: 'Ed25519',
      extractable: true,
    });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    const { kty, crv, x } = jwk;
    await this.#knex('signing_keys')
      .insert({
        generation,
        kid,
        public_key: JSON.stringify({ kty, crv, kid, x }),
        sealed_private_key: seal(JSON.stringify(jwk), this.#secret, kid),
        signs_from: signsFrom,
        created_at: new Date().toISOString(),
      })
      .onConflict('generation')
      .ignore();
  }

  async #open(row: SigningKeyRow): Promise<StoredKey> {
    let jwk: JWK;
    try {
      jwk = JSON.parse(unseal(row.sealed_private_key, this.#secret, row.kid));
    } catch {
      throw new Error(
        'The signing keys in the database were sealed with another secret than mcpCloud.keys.secret. ' +
          'Put the former secret back, or delete the rows of the table signing_keys; then every token is void and ' +
          'every server must be deployed anew.',
      );
    }
    const publicJwk: PublicJwk = JSON.parse(row.public_key);
    return {
      generation: row.generation,
      kid: row.kid,
      publicJwk,
      publicKey: (await importJWK(publicJwk, 'EdDSA')) as KeyLike,
      privateKey: (await importJWK(jwk, 'EdDSA')) as KeyLike,
      signsFrom: row.signs_from === null ? undefined : Number(row.signs_from),
    };
  }
}
