import { randomUUID } from 'node:crypto';
import { ConflictError } from '@backstage/errors';
import type {
  Operation,
  OperationFailure,
  OperationKind,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import type { OperationRow, ServerRow, StepRow } from '../database/rows';
import { transaction } from '../database/transaction';
import { whereCriteria, type ServerFilter } from '../servers/ServerFilter';
import { PLATFORM, type Actor } from './Actor';
import { IdempotencyKeys } from './IdempotencyKeys';
import { meetingOf } from './meetings';
import { operationFor } from './operationFor';
import type { OperationListener } from './OperationListener';
import type { OperationTarget } from './OperationTarget';
import type { StepName } from './stepsOf';
import { toOperation } from './toOperation';

const OPEN = ['queued', 'running'];

/** What goes on, in words, where others are refused. */
const REFUSING: Partial<Record<OperationKind, string>> = {
  delete: 'deleted',
  stop: 'stopped',
  move: 'moved. Wait until it is done, or cancel that',
};

/** An operation about to be accepted. */
export interface NewOperation {
  server: { id: string; name: string };
  kind: OperationKind;
  actor: Actor;
  target: OperationTarget;
  steps: StepName[];
}

/** Operations as requests see them: accepted in the transaction of the change, then read. */
export class OperationStore {
  readonly #knex: Knex;
  readonly #listener?: OperationListener;

  constructor(knex: Knex, listener?: OperationListener) {
    this.#knex = knex;
    this.#listener = listener;
  }

  /**
   * Adds an operation to the end of its server's queue. What is open there gives way, or makes this a `ConflictError`,
   * by the table of meetings. The server's row must be locked by the transaction.
   */
  async accept(
    trx: Knex.Transaction,
    operation: NewOperation,
  ): Promise<string> {
    const { server, kind, actor } = operation;
    for (const open of await this.open(trx, server.id)) {
      const meeting = meetingOf(open.kind, kind);
      if (meeting === 'refuse') {
        throw new ConflictError(
          `"${server.name}" is being ${REFUSING[open.kind] ?? 'changed'}.`,
        );
      }
      if (meeting === 'supersede' && open.interruption === null) {
        await this.interrupt(trx, open, superseded(kind));
      }
    }
    const id = await this.#insert(trx, operation);
    if (actor.idempotencyKey) {
      await IdempotencyKeys.insert(
        trx,
        actor.principal,
        actor.idempotencyKey,
        id,
      );
    }
    return id;
  }

  /** What is queued or running for a server, in its order. */
  async open(trx: Knex.Transaction, serverId: string): Promise<OperationRow[]> {
    return trx<OperationRow>('operations')
      .where({ server_id: serverId })
      .whereIn('state', OPEN)
      .orderBy('seq')
      .select();
  }

  /** Whether anything is queued or running for a server, keys included. */
  async hasOpen(serverId: string): Promise<boolean> {
    const open = await this.#knex('operations')
      .where({ server_id: serverId })
      .whereIn('state', OPEN)
      .first('id');
    return open !== undefined;
  }

  /** Ids of servers of which anything is queued or running. */
  async serversWithOpen(): Promise<Set<string>> {
    const rows = await this.#knex<OperationRow>('operations')
      .whereIn('state', OPEN)
      .distinct('server_id');
    return new Set(rows.map(row => row.server_id));
  }

  /** Whether anything of a server is open, or has ended since then. */
  async wasTouched(
    trx: Knex.Transaction,
    serverId: string,
    since: Date,
  ): Promise<boolean> {
    const row = await trx<OperationRow>('operations')
      .where({ server_id: serverId })
      .andWhere(any =>
        any
          .whereIn('state', OPEN)
          .orWhere('finished_at', '>=', since.toISOString()),
      )
      .first('id');
    return row !== undefined;
  }

  /** Ends an open operation: now when it has not begun, or by its runner. The server must be locked. */
  async interrupt(
    trx: Knex.Transaction,
    { id, state }: Pick<OperationRow, 'id' | 'state'>,
    error: OperationFailure,
  ): Promise<void> {
    await trx('operations')
      .where({ id })
      .update(
        state === 'queued'
          ? {
              state: 'cancelled',
              finished_at: new Date().toISOString(),
              error: JSON.stringify(error),
            }
          : { interruption: JSON.stringify(error) },
      );
    if (state === 'queued') {
      onceCommitted(trx, () => this.#listener?.ended(id));
    }
  }

  /** The one that was accepted before this one, whatever became of it. */
  async before(
    trx: Knex.Transaction,
    { server_id, seq }: Pick<OperationRow, 'server_id' | 'seq'>,
  ): Promise<OperationRow | undefined> {
    return trx<OperationRow>('operations')
      .where({ server_id })
      .andWhere('seq', '<', seq)
      .orderBy('seq', 'desc')
      .first();
  }

  async #insert(
    trx: Knex.Transaction,
    operation: NewOperation,
  ): Promise<string> {
    const id = randomUUID();
    const now = new Date().toISOString();
    const last = await trx('operations')
      .where({ server_id: operation.server.id })
      .max({ seq: 'seq' })
      .first();
    await trx('operations').insert({
      id,
      server_id: operation.server.id,
      server_name: operation.server.name,
      seq: Number(last?.seq ?? 0) + 1,
      kind: operation.kind,
      state: 'queued',
      principal: operation.actor.principal,
      target: JSON.stringify(operation.target),
      created_at: now,
    });
    const accepted = { state: 'succeeded', started_at: now, finished_at: now };
    await trx('operation_events').insert([
      { operation_id: id, position: 0, name: 'accepted', ...accepted },
      // The values went to the cluster before the operation was accepted.
      ...operation.steps.map((name, index) => ({
        operation_id: id,
        position: index + 1,
        name,
        ...(name === 'secrets'
          ? accepted
          : { state: 'pending', started_at: null, finished_at: null }),
      })),
    ]);
    onceCommitted(trx, () => this.#listener?.accepted(id));
    return id;
  }

  /**
   * Sees to it that the objects of a server are written once more (or removed once more, when it is deleted), after
   * a runner lost its lease in the midst of a write that may have gone through all the same.
   */
  async mend(serverId: string): Promise<void> {
    await transaction(this.#knex, async trx => {
      await trx('servers').where({ id: serverId }).increment('version', 1);
      const server = await trx<ServerRow>('servers')
        .where({ id: serverId })
        .first();
      const open = await this.open(trx, serverId);
      if (!server || open.some(({ state }) => state === 'queued')) {
        return;
      }
      const gone =
        server.deleted_at !== null || open.some(one => one.kind === 'delete');
      await this.#insert(
        trx,
        operationFor(server, gone ? 'delete' : 'rotate', PLATFORM),
      );
    });
  }

  async get(id: string): Promise<Operation | undefined> {
    const row = await this.#knex<OperationRow>('operations')
      .where({ id })
      .first();
    return row && (await this.#withSteps([row]))[0];
  }

  /** Newest first. */
  async listOf(serverId: string, limit = 100): Promise<Operation[]> {
    const rows = await this.#knex<OperationRow>('operations')
      .where({ server_id: serverId })
      .orderBy('seq', 'desc')
      .limit(limit)
      .select();
    return this.#withSteps(rows);
  }

  /** Of all servers that fulfil the criteria, deleted ones included; newest first. */
  async listAll(
    criteria: PermissionCriteria<ServerFilter> | undefined,
    limit = 100,
  ): Promise<Operation[]> {
    const query = this.#knex<OperationRow>('operations')
      .join('servers', 'servers.id', 'operations.server_id')
      .orderBy('operations.created_at', 'desc')
      .limit(limit)
      .select('operations.*');
    if (criteria) {
      query.andWhere(nested => whereCriteria(nested, criteria));
    }
    return this.#withSteps(await query);
  }

  /** When the platform replaced pods of a server since then; the oldest first. */
  async recoveriesOf(serverId: string, since: Date): Promise<Date[]> {
    const rows = await this.#knex<OperationRow>('operations')
      .where({ server_id: serverId, kind: 'recover' })
      .andWhere('created_at', '>=', since.toISOString())
      .orderBy('seq')
      .select('created_at');
    return rows.map(row => new Date(row.created_at));
  }

  /** Of each server the running operation, or else the last one. */
  async currentOf(serverIds: string[]): Promise<Map<string, Operation>> {
    const newest = this.#knex('operations')
      .whereIn('server_id', serverIds)
      .groupBy('server_id')
      .select('server_id')
      .max({ seq: 'seq' });
    const rows: OperationRow[] = await this.#knex<OperationRow>('operations')
      .whereIn('server_id', serverIds)
      .andWhere(any =>
        any.where({ state: 'running' }).orWhereIn(['server_id', 'seq'], newest),
      )
      .select();
    rows.sort(
      (a, b) =>
        Number(b.state === 'running') - Number(a.state === 'running') ||
        b.seq - a.seq,
    );
    const chosen = new Map<string, OperationRow>();
    for (const row of rows) {
      if (!chosen.has(row.server_id)) {
        chosen.set(row.server_id, row);
      }
    }
    const operations = await this.#withSteps([...chosen.values()]);
    return new Map(
      operations.map(operation => [operation.serverId, operation]),
    );
  }

  /** The kind of what is under way, by server. A deletion counts before all else, keys do not count at all. */
  async openKinds(serverIds?: string[]): Promise<Map<string, OperationKind>> {
    const query = this.#knex<OperationRow>('operations')
      .whereIn('state', OPEN)
      .whereNot({ kind: 'rotate' })
      .orderBy('seq')
      .select('server_id', 'kind');
    const rows = await (serverIds
      ? query.whereIn('server_id', serverIds)
      : query);
    const kinds = new Map<string, OperationKind>();
    for (const { server_id, kind } of rows) {
      if (kind === 'delete' || !kinds.has(server_id)) {
        kinds.set(server_id, kind);
      }
    }
    return kinds;
  }

  async #withSteps(rows: OperationRow[]): Promise<Operation[]> {
    const steps = await this.#knex<StepRow>('operation_events')
      .whereIn(
        'operation_id',
        rows.map(row => row.id),
      )
      .select();
    return rows.map(row => toOperation(row, steps));
  }
}

function onceCommitted(trx: Knex.Transaction, then: () => void): void {
  trx.executionPromise.then(then, () => undefined);
}

/** Says to an operation that a later one does its work. */
function superseded(by: OperationKind): OperationFailure {
  return by === 'delete'
    ? {
        reason: 'Superseded',
        message: 'The server was deleted before this was done.',
      }
    : {
        reason: 'Superseded',
        message: `A later operation (${by}) has taken the place of this one.`,
      };
}
