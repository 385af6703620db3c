import { ConflictError } from '@backstage/errors';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import { PLATFORM, type Actor } from '../operations/Actor';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { Acceptance } from '../servers/Acceptance';
import type { Audit } from '../servers/Audit';

/** Has what was changed in the cluster put back, by an operation. */
export class DriftRepair {
  readonly #operations: OperationStore;
  readonly #acceptance: Acceptance;
  readonly #audit: Audit;

  constructor(options: {
    operations: OperationStore;
    acceptance: Acceptance;
    audit: Audit;
  }) {
    this.#operations = options.operations;
    this.#acceptance = options.acceptance;
    this.#audit = options.audit;
  }

  repair(server: ServerRow, actor: Actor): Promise<Operation> {
    return this.#accept(server, actor, false);
  }

  /**
   * Refuses with `ConflictError` while any operation is open, as it may be the repair of another replica, and where
   * something other than a repair has failed: what that left behind is for a person to decide.
   */
  async repairByItself(server: ServerRow): Promise<Operation> {
    const [last] = await this.#operations.listOf(server.id, 1);
    if (last?.state === 'failed' && last.kind !== 'repair') {
      throw new ConflictError('The last operation has failed.');
    }
    const operation = await this.#accept(server, PLATFORM, true);
    const { principal } = PLATFORM;
    // Another replica's having been faster is nothing to remember.
    return this.#audit.change(
      { event: 'server-repair', principal, server },
      async () => operation,
    );
  }

  #accept(server: ServerRow, actor: Actor, alone: boolean): Promise<Operation> {
    return this.#acceptance.accept(server.id, async trx => {
      const now = await this.#acceptance.lock(trx, server);
      if (alone && (await this.#operations.open(trx, server.id)).length) {
        throw new ConflictError('An operation is under way already.');
      }
      return this.#operations.accept(trx, operationFor(now, 'repair', actor));
    });
  }
}
