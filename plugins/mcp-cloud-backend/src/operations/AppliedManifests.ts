import type { Knex } from 'knex';
import type { KubeObject } from '../clusters/types';
import type { InventoryRow } from '../database/rows';

/** Objects in the order in which they were rendered: pods come last. */
const LAST = 'Deployment';

/** What was applied of servers last: the measure of drift, and what a repair writes again. */
export class AppliedManifests {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** In its cluster. Nothing for a server that was not applied yet. Values of Secrets are not among it. */
  async of(serverId: string): Promise<KubeObject[]> {
    const rows: Array<Pick<InventoryRow, 'manifest'>> = await this.#knex({
      i: 'inventory',
    })
      .join('servers', on =>
        on
          .on('servers.id', 'i.server_id')
          .andOn('servers.cluster', 'i.cluster'),
      )
      .where('i.server_id', serverId)
      .whereNotNull('i.manifest')
      .orderBy(['i.kind', 'i.name'])
      .select('i.manifest');
    return rows
      .map(({ manifest }): KubeObject => JSON.parse(manifest!))
      .sort((a, b) => Number(a.kind === LAST) - Number(b.kind === LAST));
  }
}
