import type { Knex } from 'knex';
import type { ServerStateRow } from '../database/rows';
import type { KnownState } from './nextState';

/** The states of servers as they were told last. */
export class StateStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** By server id. */
  async list(): Promise<Map<string, KnownState>> {
    const rows = await this.#knex<ServerStateRow>('server_states').select();
    return new Map(
      rows.map(row => [
        row.server_id,
        {
          state: row.state,
          downSince: row.down_since === null ? null : new Date(row.down_since),
          ownerTold: Boolean(row.owner_told),
        },
      ]),
    );
  }

  async put(
    serverId: string,
    { state, downSince, ownerTold }: KnownState,
  ): Promise<void> {
    await this.#knex('server_states')
      .insert({
        server_id: serverId,
        state,
        down_since: downSince?.toISOString() ?? null,
        owner_told: ownerTold,
      })
      .onConflict('server_id')
      .merge();
  }
}
