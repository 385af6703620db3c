import type { Knex } from 'knex';
import type { Audit } from '../servers/Audit';
import { goBack } from '../servers/goBack';
import type { RevisionStore } from '../servers/RevisionStore';
import { columnsOf, type ServerStore } from '../servers/ServerStore';
import { PLATFORM } from './Actor';
import type { LeasedOperation } from './LeasedOperation';
import type { OperationStore } from './OperationStore';

/** Brings a server back to the revision that ran last when the deploy of a newer one fails. */
export class AutomaticRollback {
  readonly #servers: ServerStore;
  readonly #revisions: RevisionStore;
  readonly #operations: OperationStore;
  readonly #audit: Pick<Audit, 'change'>;

  constructor(options: {
    servers: ServerStore;
    revisions: RevisionStore;
    operations: OperationStore;
    audit: Pick<Audit, 'change'>;
  }) {
    this.#servers = options.servers;
    this.#revisions = options.revisions;
    this.#operations = options.operations;
    this.#audit = options.audit;
  }

  /**
   * Accepts the way back in the transaction that ends the failed operation; the id of the new one, or nothing where
   * there is no way back: nothing ran before, another server has the address by now, somebody asked for something else meanwhile, or this was one already.
   */
  async accept(
    trx: Knex.Transaction,
    failed: LeasedOperation,
  ): Promise<string | undefined> {
    if (failed.kind !== 'deploy' && failed.kind !== 'rollback') {
      return undefined;
    }
    const { revision } = failed.target;
    const server = await this.#servers.lock(trx, failed.serverId);
    if (
      !server ||
      server.revision !== revision ||
      server.run_state === 'stopped' ||
      server.good_revision === null ||
      server.good_revision === revision
    ) {
      return undefined;
    }
    const open = await this.#operations.open(trx, server.id);
    const { origin } = await this.#revisions.get(server.id, revision, trx);
    if (
      origin === 'automatic-rollback' ||
      open.some(({ kind }) => kind === 'delete')
    ) {
      return undefined;
    }
    const to = await this.#revisions.get(server.id, server.good_revision, trx);
    const { public_address: address } = columnsOf(to.spec);
    if (await this.#servers.isAddressTaken(trx, server.id, address)) {
      return undefined;
    }
    return goBack(
      trx,
      { servers: this.#servers, operations: this.#operations },
      {
        server,
        to,
        origin: 'automatic-rollback',
        actor: PLATFORM,
        message: `Revision ${revision} did not come up.`,
      },
    );
  }

  /** Remembers that it happened, as each change is remembered. */
  async record(failed: LeasedOperation, id: string): Promise<void> {
    await this.#audit.change(
      {
        event: 'server-rollback',
        principal: PLATFORM.principal,
        server: { id: failed.serverId, name: failed.serverName },
      },
      async () => ({ id }),
    );
  }
}
