import type { Knex } from 'knex';
import type { Quota } from '../quota/Quota';
import type { Audit } from '../servers/Audit';
import { QuotaExceededError } from '../servers/errors';
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
  readonly #quota: Quota;
  readonly #audit: Pick<Audit, 'change'>;

  constructor(options: {
    servers: ServerStore;
    revisions: RevisionStore;
    operations: OperationStore;
    quota: Quota;
    audit: Pick<Audit, 'change'>;
  }) {
    this.#servers = options.servers;
    this.#revisions = options.revisions;
    this.#operations = options.operations;
    this.#quota = options.quota;
    this.#audit = options.audit;
  }

  /**
   * Accepts the way back in the transaction that ends the failed operation; the id of the new one, or nothing where
   * there is no way back: nothing ran before, another server has the address or takes the quota by now, somebody asked
   * for something else meanwhile, or this was one already.
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
    try {
      return await goBack(
        trx,
        {
          servers: this.#servers,
          operations: this.#operations,
          quota: this.#quota,
        },
        {
          server,
          to,
          origin: 'automatic-rollback',
          actor: PLATFORM,
          message: `Revision ${revision} did not come up.`,
        },
      );
    } catch (error) {
      if (error instanceof QuotaExceededError) {
        return undefined;
      }
      throw error;
    }
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
