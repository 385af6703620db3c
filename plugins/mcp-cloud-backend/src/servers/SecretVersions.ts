import type { Knex } from 'knex';
import { isUniqueViolation } from '../database/isUniqueViolation';
import type { SecretVersionRow } from '../database/rows';

const ATTEMPTS = 5;

/**
 * Which versions of secrets there may be in clusters. A version is recorded before its values are written, so a
 * crash leaves a row by which the orphan is found.
 */
export class SecretVersions {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Records the next version of this name, one after `last`, as pending. Numbers never clash with an orphan's of the
   * same name.
   */
  async reserve(
    server: { id: string; name: string; cluster: string; namespace: string },
    names: string[],
    last = 0,
  ): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const version = Math.max(await this.next(server), last + 1);
      try {
        await this.#knex('secret_versions').insert({
          cluster: server.cluster,
          namespace: server.namespace,
          server_name: server.name,
          version,
          server_id: server.id,
          state: 'pending',
          names: JSON.stringify(names),
          created_at: new Date().toISOString(),
        });
        return version;
      } catch (error) {
        if (!isUniqueViolation(error) || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  /** The number that the next version gets: new for the name in the cluster, and for the server in all clusters. */
  async next(server: {
    id?: string;
    name: string;
    cluster: string;
  }): Promise<number> {
    const last = await this.#knex('secret_versions')
      .where({ cluster: server.cluster, server_name: server.name })
      .orWhere({ server_id: server.id ?? '' })
      .max({ version: 'version' })
      .first();
    return Number(last?.version ?? 0) + 1;
  }

  /** Marks a version as used by a revision. False when it was collected meanwhile. */
  async activate(
    trx: Knex.Transaction,
    serverId: string,
    version: number,
  ): Promise<boolean> {
    const changed = await trx('secret_versions')
      .where({ server_id: serverId, version })
      .update({ state: 'active' });
    return changed === 1;
  }

  /** The variables that a version has values for. */
  async names(serverId: string, version: number): Promise<string[]> {
    const row = await this.#knex<SecretVersionRow>('secret_versions')
      .where({ server_id: serverId, version })
      .first();
    return row ? JSON.parse(row.names) : [];
  }

  listOf(serverId: string): Promise<SecretVersionRow[]> {
    return this.#knex<SecretVersionRow>('secret_versions')
      .where({ server_id: serverId })
      .select();
  }

  /** Pending versions that neither a request nor a move can still be working on. */
  listAbandoned(olderThanMs: number): Promise<SecretVersionRow[]> {
    const before = new Date(Date.now() - olderThanMs).toISOString();
    return this.#knex<SecretVersionRow>({ v: 'secret_versions' })
      .where('v.state', 'pending')
      .andWhere('v.created_at', '<', before)
      .whereNotExists(
        this.#knex('operations')
          .whereRaw('operations.server_id = v.server_id')
          .whereIn('state', ['queued', 'running'])
          .andWhere({ kind: 'move' })
          .select(this.#knex.raw('1')),
      )
      .select('v.*');
  }

  async forget(row: { server_id: string; version: number }): Promise<void> {
    await this.#knex('secret_versions')
      .where({ server_id: row.server_id, version: row.version })
      .delete();
  }
}
