import { createHmac } from 'node:crypto';
import { ConflictError, InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { isUniqueViolation } from '../database/isUniqueViolation';
import type { IdempotencyKeyRow } from '../database/rows';

/** How long a key is remembered. */
export const IDEMPOTENCY_MS = 24 * 3600 * 1000;
const MAX_LENGTH = 255;

/** A key that a client chose, with a fingerprint of the request that it stands for. */
export interface IdempotencyKey {
  key: string;
  fingerprint: string;
}

/**
 * Requests that clients may send again without having them done again. The fingerprint is made with a secret that is
 * not in the database: bodies may hold values that could be guessed from a plain hash.
 */
export class IdempotencyKeys {
  readonly #knex: Knex;
  readonly #secret: string;

  constructor(knex: Knex, secret: string) {
    this.#knex = knex;
    this.#secret = secret;
  }

  /** `request` is all that tells one request from another. */
  seal(key: string, request: string): IdempotencyKey {
    if (!key || key.length > MAX_LENGTH) {
      throw new InputError(
        `Idempotency-Key: A key has 1 to ${MAX_LENGTH} characters.`,
      );
    }
    const fingerprint = createHmac('sha256', this.#secret)
      .update(request)
      .digest('hex');
    return { key, fingerprint };
  }

  /** The operation that this very request led to before. Another request with the same key is a `ConflictError`. */
  async find(
    principal: string,
    { key, fingerprint }: IdempotencyKey,
  ): Promise<string | undefined> {
    const row = await this.#knex<IdempotencyKeyRow>('idempotency_keys')
      .where({ principal, key })
      .andWhere('created_at', '>', oldest())
      .first();
    if (row && row.fingerprint !== fingerprint) {
      throw new ConflictError(
        'This Idempotency-Key was used for another request. Choose a new key for a new request.',
      );
    }
    return row?.operation_id;
  }

  /** Remembers the key in the transaction that accepts the operation. */
  static async insert(
    trx: Knex.Transaction,
    principal: string,
    { key, fingerprint }: IdempotencyKey,
    operationId: string,
  ): Promise<void> {
    await trx('idempotency_keys')
      .where({ principal, key })
      .andWhere('created_at', '<=', oldest())
      .delete();
    try {
      await trx('idempotency_keys').insert({
        principal,
        key,
        fingerprint,
        operation_id: operationId,
        created_at: new Date().toISOString(),
      });
    } catch (error) {
      throw isUniqueViolation(error)
        ? new ConflictError('A request with this Idempotency-Key is under way.')
        : error;
    }
  }
}

function oldest(): string {
  return new Date(Date.now() - IDEMPOTENCY_MS).toISOString();
}
