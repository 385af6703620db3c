import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { NotFoundError } from '@backstage/errors';
import type { ServerKey } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { ServerKeyRow } from '../database/rows';
import type { StaticKey } from '../manifests/types';
import { LimitExceededError } from './errors';

/** Keys of one server; all of them stand in its bridge's configuration. */
const MAX_KEYS = 200;
const KEY_BYTES = 32;
/** Shows what it is, to people and to programs that look for leaked secrets. */
const PREFIX = 'mcpk_';

/** The keys by which clients come to servers with `auth: keys`. A key itself is kept nowhere, only its hash. */
export class ServerKeys {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Gives the new key, which nobody can ask for again. The server must be locked. */
  async insert(
    trx: Knex.Transaction,
    serverId: string,
    key: { name: string; scopes: string[]; createdBy: string },
  ): Promise<ServerKey & { key: string }> {
    const there = await trx<ServerKeyRow>('server_keys')
      .where({ server_id: serverId })
      .select('id');
    if (there.length >= MAX_KEYS) {
      throw new LimitExceededError(
        `A server has at most ${MAX_KEYS} keys. End one that is not needed any more.`,
      );
    }
    const secret = `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
    const row: ServerKeyRow = {
      id: randomUUID(),
      server_id: serverId,
      name: key.name,
      hash: createHash('sha256').update(secret).digest('hex'),
      scopes: JSON.stringify(key.scopes),
      created_at: new Date().toISOString(),
      created_by: key.createdBy,
    };
    await trx('server_keys').insert(row);
    return { ...toServerKey(row), key: secret };
  }

  /** Oldest first, without the keys themselves. */
  async list(serverId: string): Promise<ServerKey[]> {
    return (await this.#rows(serverId)).map(toServerKey);
  }

  /** As bridges know them, in an order that stays. */
  async hashes(serverId: string): Promise<StaticKey[]> {
    return (await this.#rows(serverId)).map(({ id, hash, scopes }) => ({
      id,
      hash,
      scopes: JSON.parse(scopes),
    }));
  }

  /** Throws `NotFoundError` when there is no such key. */
  async remove(
    trx: Knex.Transaction,
    serverId: string,
    id: string,
  ): Promise<void> {
    const removed = await trx('server_keys')
      .where({ server_id: serverId, id })
      .delete();
    if (!removed) {
      throw new NotFoundError(`There is no key ${id}.`);
    }
  }

  async removeAll(trx: Knex.Transaction, serverId: string): Promise<void> {
    await trx('server_keys').where({ server_id: serverId }).delete();
  }

  #rows(serverId: string): Promise<ServerKeyRow[]> {
    return this.#knex<ServerKeyRow>('server_keys')
      .where({ server_id: serverId })
      .orderBy(['created_at', 'id'])
      .select();
  }
}

function toServerKey(row: ServerKeyRow): ServerKey {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes),
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
