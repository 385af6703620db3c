import { NotFoundError } from '@backstage/errors';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { ServerRow } from '../database/rows';
import type { OperationStore } from '../operations/OperationStore';
import type { ServerChanges } from './ServerChanges';
import type { ServerStore } from './ServerStore';

/** How changes are accepted: in one transaction with the operation that carries them out, and then told. */
export class Acceptance {
  readonly #store: ServerStore;
  readonly #operations: OperationStore;
  readonly #changes: ServerChanges;
  readonly #wake: (serverId: string) => void;

  constructor(options: {
    store: ServerStore;
    operations: OperationStore;
    changes: ServerChanges;
    /** Has the runner look for work. */
    wake: (serverId: string) => void;
  }) {
    this.#store = options.store;
    this.#operations = options.operations;
    this.#changes = options.changes;
    this.#wake = options.wake;
  }

  /** `work` gives the id of the operation. `list`: the change shows in lists of servers. */
  async accept(
    serverId: string,
    work: (trx: Knex.Transaction) => Promise<string>,
    { list = false } = {},
  ): Promise<Operation> {
    const id = await this.#store.transaction(work);
    const operation = (await this.#operations.get(id))!;
    if (list) {
      this.#changes.listChanged(serverId);
    }
    this.#changes.changed(serverId);
    this.#wake(serverId);
    return operation;
  }

  /** Locks by id: a name may belong to another server by now. */
  async lock(
    trx: Knex.Transaction,
    server: { id: string; name: string },
  ): Promise<ServerRow> {
    const now = await this.#store.lock(trx, server.id);
    if (!now) {
      throw new NotFoundError(
        `There is no server called "${server.name}" any more.`,
      );
    }
    return now;
  }
}
