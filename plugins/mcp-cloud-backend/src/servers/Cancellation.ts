import { ConflictError } from '@backstage/errors';
import type {
  Operation,
  OperationKind,
  RunState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { OperationRow, ServerRow } from '../database/rows';
import type { Actor } from '../operations/Actor';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { OperationTarget } from '../operations/OperationTarget';
import type { Quota } from '../quota/Quota';
import type { Acceptance } from './Acceptance';
import { goBack } from './goBack';
import type { RevisionStore } from './RevisionStore';
import type { ServerStore } from './ServerStore';

/** What is wanted is the same after them; of a move, for as long as it can be cancelled. */
const CHANGES_NOTHING = new Set<OperationKind>([
  'restart',
  'repair',
  'recover',
  'move',
]);

/** Ends operations before their time, and turns back what they had begun to change. */
export class Cancellation {
  readonly #store: ServerStore;
  readonly #operations: OperationStore;
  readonly #revisions: RevisionStore;
  readonly #acceptance: Acceptance;
  readonly #quota: Quota;

  constructor(options: {
    store: ServerStore;
    operations: OperationStore;
    revisions: RevisionStore;
    acceptance: Acceptance;
    quota: Quota;
  }) {
    this.#store = options.store;
    this.#operations = options.operations;
    this.#revisions = options.revisions;
    this.#acceptance = options.acceptance;
    this.#quota = options.quota;
  }

  /**
   * Cancels an operation that nothing waits behind. What it changed is turned back by an operation of its own: a
   * deploy or rollback by going back to the revision that ran last, the others by their opposite. A move has changed
   * nothing before its switch, and after that it goes on.
   */
  cancel(
    server: ServerRow,
    operation: Operation,
    actor: Actor,
  ): Promise<Operation> {
    return this.#acceptance.accept(
      server.id,
      async trx => {
        const now = await this.#acceptance.lock(trx, server);
        const open = await this.#operations.open(trx, server.id);
        const row = open.find(({ id }) => id === operation.id);
        if (!row) {
          throw new ConflictError('This operation has ended already.');
        }
        if (row.kind === 'delete' || row.kind === 'rotate') {
          throw new ConflictError(
            row.kind === 'delete'
              ? 'A deletion cannot be cancelled. Make the server anew when it is done.'
              : 'Bridges must get their keys, so this cannot be cancelled.',
          );
        }
        const { move }: OperationTarget = JSON.parse(row.target);
        if (row.kind === 'move' && move?.cluster === now.cluster) {
          throw new ConflictError(
            `The server runs in "${now.cluster}" already, so this cannot be cancelled. Move it back when it is done.`,
          );
        }
        if (open.some(({ seq, kind }) => seq > row.seq && kind !== 'rotate')) {
          throw new ConflictError(
            'A later operation waits behind this one. Cancel that one first.',
          );
        }
        await this.#operations.interrupt(trx, row, {
          reason: 'Cancelled',
          message: `Cancelled by ${actor.principal}.`,
        });
        await this.#turnBack(trx, now, row, actor);
        return row.id;
      },
      { list: true },
    );
  }

  async #turnBack(
    trx: Knex.Transaction,
    server: ServerRow,
    row: OperationRow,
    actor: Actor,
  ): Promise<void> {
    if (row.kind === 'deploy' || row.kind === 'rollback') {
      const { good_revision: good, revision } = server;
      if (good !== null && good !== revision) {
        await goBack(
          trx,
          {
            servers: this.#store,
            operations: this.#operations,
            quota: this.#quota,
          },
          {
            server,
            to: await this.#revisions.get(server.id, good, trx),
            origin: 'rollback',
            actor,
            message: `The deploy of revision ${revision} was cancelled.`,
          },
        );
      }
      return;
    }
    const before = await this.#operations.before(trx, row);
    if (!before || CHANGES_NOTHING.has(row.kind)) {
      return;
    }
    const { replicas, runState }: OperationTarget = JSON.parse(before.target);
    const changes = { replicas, run_state: runState };
    await this.#quota.admit(trx, { ...server, ...changes });
    await this.#store.update(trx, server.id, changes);
    await this.#operations.accept(
      trx,
      operationFor(
        { ...server, ...changes },
        kindBack(row.kind, runState),
        actor,
      ),
    );
  }
}

function kindBack(cancelled: OperationKind, runState: RunState): OperationKind {
  if (cancelled === 'scale') {
    return 'scale';
  }
  return runState === 'running' ? 'start' : 'stop';
}
