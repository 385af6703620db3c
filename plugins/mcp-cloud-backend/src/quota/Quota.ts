import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  OwnerQuota,
  QuotaAfter,
  QuotaAmounts,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { ServerRow } from '../database/rows';
import type { AppliedManifests } from '../operations/AppliedManifests';
import type { OperationTarget } from '../operations/OperationTarget';
import { targetOf } from '../operations/targetOf';
import { QuotaExceededError } from '../servers/errors';
import type { RevisionStore } from '../servers/RevisionStore';
import { whereCriteria, type ServerFilter } from '../servers/ServerFilter';
import { NOTHING, plus } from './amounts';
import { footprintOf, footprintOfObjects } from './footprint';
import { limitsOf, type QuotaLimits } from './QuotaLimits';
import { quotaProblem } from './quotaProblem';

/** Sets our locks apart from those of others in the same PostgreSQL database. */
const LOCK_CLASS = 0x6d637071;

/** What a change would make of an owner's quota, and why it may not. */
export interface QuotaCheck {
  quota: QuotaAfter;
  problem?: string;
}

interface Footprint {
  id: string;
  owner: string;
  amounts: QuotaAmounts;
}

/**
 * The limits of owners, and what they take: the sum of what is wanted of their servers now, computed each time from
 * the rows themselves, so there is no counter that could go wrong.
 */
export class Quota {
  readonly #knex: Knex;
  readonly #limits: QuotaLimits;
  readonly #revisions: RevisionStore;
  readonly #applied: AppliedManifests;

  constructor(options: {
    knex: Knex;
    limits: QuotaLimits;
    revisions: RevisionStore;
    applied: AppliedManifests;
  }) {
    this.#knex = options.knex;
    this.#limits = options.limits;
    this.#revisions = options.revisions;
    this.#applied = options.applied;
  }

  /** Owners of the servers that fulfil the criteria. */
  async owners(
    criteria: PermissionCriteria<ServerFilter> | undefined,
  ): Promise<string[]> {
    const query = this.#knex<ServerRow>('servers').whereNull('deleted_at');
    if (criteria) {
      query.andWhere(nested => whereCriteria(nested, criteria));
    }
    return query.distinct('owner').pluck('owner');
  }

  /** Limits and use of these owners, in their order. */
  async list(owners: string[]): Promise<OwnerQuota[]> {
    const footprints = await this.#footprints(this.#knex, owners);
    return owners.map(owner => ({
      owner,
      limits: limitsOf(this.#limits, owner),
      used: sum(footprints.filter(one => one.owner === owner)),
    }));
  }

  /** What becomes of an owner's quota when one server, maybe a new one, takes so much. */
  async after(
    server: Pick<ServerRow, 'id' | 'owner'>,
    amounts: QuotaAmounts,
    knex: Knex = this.#knex,
  ): Promise<QuotaCheck> {
    const { id, owner } = server;
    const limits = limitsOf(this.#limits, owner);
    const footprints = await this.#footprints(knex, [owner]);
    const used = sum(footprints);
    const present = sum(footprints.filter(one => one.id === id));
    const more = plus(amounts, present, -1);
    const after = plus(used, more);
    return {
      quota: { owner, limits, used, after },
      problem: quotaProblem(owner, limits, after, more),
    };
  }

  /**
   * Lets a change pass or throws a `QuotaExceededError`, before anything of it is written. Until the transaction
   * ends, no other change of the same owner passes. `row` is the server as the change would leave it, `spec` its new
   * Spec; by default it keeps the one it has.
   */
  async admit(
    trx: Knex.Transaction,
    row: ServerRow,
    spec?: ServerSpec,
  ): Promise<void> {
    if (!this.#isLimited(row.owner)) {
      return;
    }
    await this.#lock(trx, row.owner);
    const amounts = footprintOf(
      targetOf(row),
      spec ?? (await this.#revisions.get(row.id, row.revision, trx)).spec,
    );
    const { problem } = await this.after(row, amounts, trx);
    if (problem) {
      throw new QuotaExceededError(problem);
    }
  }

  /**
   * Looks once more before an operation takes what it was accepted for: the limits may have been lowered since. What
   * the server has in the cluster already is not taken away.
   */
  async recheck(
    { id, owner }: Pick<ServerRow, 'id' | 'owner'>,
    target: OperationTarget,
    spec: ServerSpec,
  ): Promise<void> {
    if (!this.#isLimited(owner)) {
      return;
    }
    const [{ limits, used }] = await this.list([owner]);
    const applied = footprintOfObjects(await this.#applied.of(id));
    const more = plus(footprintOf(target, spec), applied, -1);
    const problem = quotaProblem(owner, limits, used, more);
    if (problem) {
      throw new QuotaExceededError(problem);
    }
  }

  #isLimited(owner: string): boolean {
    return Object.keys(limitsOf(this.#limits, owner)).length > 0;
  }

  /** SQLite has one connection, so its transactions come one after the other anyway. */
  async #lock(trx: Knex.Transaction, owner: string): Promise<void> {
    if (trx.client.config.client === 'pg') {
      await trx.raw('select pg_advisory_xact_lock(?, hashtext(?))', [
        LOCK_CLASS,
        owner,
      ]);
    }
  }

  async #footprints(knex: Knex, owners: string[]): Promise<Footprint[]> {
    const rows: Array<ServerRow & { spec: string }> = await knex('servers')
      .join('revisions', on =>
        on
          .on('revisions.server_id', 'servers.id')
          .andOn('revisions.number', 'servers.revision'),
      )
      .whereNull('servers.deleted_at')
      .whereIn('servers.owner', owners)
      .select('servers.*', 'revisions.spec');
    return rows.map(({ spec, ...row }) => {
      // Not read in full: one that an earlier release stored, and this one would refuse, must not stand in the way.
      const { resources, bridge = { mode: 'baked' } } = JSON.parse(spec);
      return {
        id: row.id,
        owner: row.owner,
        amounts: footprintOf(targetOf(row), { resources, bridge }),
      };
    });
  }
}

function sum(footprints: Footprint[]): QuotaAmounts {
  return footprints.reduce((all, { amounts }) => plus(all, amounts), NOTHING);
}
