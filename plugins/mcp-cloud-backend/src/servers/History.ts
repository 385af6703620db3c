import type { Knex } from 'knex';
import type {
  OperationRow,
  SecretVersionRow,
  ServerRow,
} from '../database/rows';
import { transaction } from '../database/transaction';
import { IDEMPOTENCY_MS } from '../operations/IdempotencyKeys';
import type { OperationTarget } from '../operations/OperationTarget';
import type { RevisionStore } from './RevisionStore';
import type { ServerSecrets } from './ServerSecrets';

/** A bridge that nobody heard of for so long has ended, or its backend was away for as long. */
const SILENT_BRIDGE_MS = 30 * 24 * 3600_000;

/** How much is kept. */
export interface HistoryLimits {
  /** Revisions per server; labelled ones, the one that ran last, and those that are being deployed come on top. */
  keepRevisions: number;
  /** Age of ended operations, and of all that is known of a deleted server. */
  operationsMs: number;
  /** Age of rows of `audit_events`. */
  auditMs: number;
  /** Age of counted calls. */
  usageMs: number;
}

/** Forgets what is old, and what nothing needs any more. */
export class History {
  readonly #knex: Knex;
  readonly #revisions: RevisionStore;
  readonly #secrets: ServerSecrets;
  readonly #limits: HistoryLimits;

  constructor(
    options: {
      knex: Knex;
      revisions: RevisionStore;
      secrets: ServerSecrets;
    } & HistoryLimits,
  ) {
    this.#knex = options.knex;
    this.#revisions = options.revisions;
    this.#secrets = options.secrets;
    this.#limits = options;
  }

  async prune(): Promise<void> {
    await this.#pruneRevisions();
    await this.#pruneSecrets();
    const { operationsMs, auditMs, usageMs } = this.#limits;
    await this.#knex('servers')
      .where('deleted_at', '<', before(operationsMs))
      .delete();
    // The last one of each server stays: it tells how the server came to be as it is.
    await this.#knex({ o: 'operations' })
      .where('o.finished_at', '<', before(operationsMs))
      .whereIn(
        'o.id',
        this.#knex({ p: 'operations' })
          .whereExists(
            this.#knex({ later: 'operations' })
              .whereRaw('later.server_id = p.server_id and later.seq > p.seq')
              .select(this.#knex.raw('1')),
          )
          .select('p.id'),
      )
      .delete();
    await this.#knex('idempotency_keys')
      .where('created_at', '<', before(IDEMPOTENCY_MS))
      .delete();
    await this.#knex('audit_events').where('at', '<', before(auditMs)).delete();
    await this.#knex('usage_samples')
      .where('hour', '<', before(usageMs))
      .delete();
    // Bridges that ended; their counts stand in the samples. Those that run are noted twice a day.
    await this.#knex('usage_boots')
      .where('seen_at', '<', before(SILENT_BRIDGE_MS))
      .delete();
  }

  async #pruneRevisions(): Promise<void> {
    const { keepRevisions } = this.#limits;
    const long = await this.#knex('revisions')
      .groupBy('server_id')
      .havingRaw('count(*) > ?', [keepRevisions])
      .select<Array<{ server_id: string }>>('server_id');
    for (const { server_id: id } of long) {
      await transaction(this.#knex, async trx => {
        // Whoever goes back to a revision locks the server too.
        const server = await trx<ServerRow>('servers')
          .where({ id })
          .forUpdate()
          .first();
        if (server) {
          await this.#revisions.drop(trx, id, await this.#needed(trx, server));
        }
      });
    }
  }

  async #needed(trx: Knex.Transaction, server: ServerRow): Promise<number[]> {
    const newest = await trx('revisions')
      .where({ server_id: server.id })
      .orderBy('number', 'desc')
      .limit(this.#limits.keepRevisions)
      .pluck<number[]>('number');
    const open = await trx<OperationRow>('operations')
      .where({ server_id: server.id })
      .whereIn('state', ['queued', 'running'])
      .select('target');
    return [
      ...newest,
      ...(server.good_revision === null ? [] : [server.good_revision]),
      ...open.map(row => (JSON.parse(row.target) as OperationTarget).revision),
    ];
  }

  /** Versions of secrets that no revision has any more. Those of deleted servers went with them. */
  async #pruneSecrets(): Promise<void> {
    const unused: SecretVersionRow[] = await this.#knex({
      v: 'secret_versions',
    })
      .where('v.state', 'active')
      .whereExists(
        this.#knex('servers')
          .whereRaw('servers.id = v.server_id')
          .whereNull('servers.deleted_at')
          .select(this.#knex.raw('1')),
      )
      .whereNotExists(
        this.#knex('revisions')
          .whereRaw(
            'revisions.server_id = v.server_id and revisions.secret_version = v.version',
          )
          .select(this.#knex.raw('1')),
      )
      .select('v.*');
    for (const {
      server_id: id,
      server_name: name,
      cluster,
      namespace,
      version,
    } of unused) {
      await this.#secrets.discard({ id, name, cluster, namespace }, version);
    }
  }
}

function before(ageMs: number): string {
  return new Date(Date.now() - ageMs).toISOString();
}
