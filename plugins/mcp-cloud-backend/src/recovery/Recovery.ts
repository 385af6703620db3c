import { ConflictError } from '@backstage/errors';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import { PLATFORM } from '../operations/Actor';
import type { CertainPod } from '../operations/endPods';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import { Patience } from '../operations/Patience';
import type { Acceptance } from '../servers/Acceptance';
import type { Audit } from '../servers/Audit';
import { count } from '../status/plainWords';

const LONGEST_PAUSE_MS = 3600_000;
/** Recoveries of so long ago say nothing any more. */
const MEMORY_MS = 24 * 3600_000;

/** What is to be replaced, and why. */
export interface Found {
  pods: CertainPod[];
  /** When the asking began. */
  since: Date;
  /** How long they had to answer. */
  silentMs: number;
}

/** Has pods that answer nothing replaced, by an operation; ever more slowly when that does not help. */
export class Recovery {
  readonly #operations: OperationStore;
  readonly #acceptance: Acceptance;
  readonly #audit: Audit;
  readonly #afterMs: number;

  constructor(options: {
    operations: OperationStore;
    acceptance: Acceptance;
    audit: Audit;
    afterMs: number;
  }) {
    this.#operations = options.operations;
    this.#acceptance = options.acceptance;
    this.#audit = options.audit;
    this.#afterMs = options.afterMs;
  }

  /**
   * Milliseconds until pods of this server may be replaced again: by the operations that there were, so that every
   * replica knows, also after a restart. A server that was well for an hour begins anew.
   */
  async waitFor(serverId: string, now: Date): Promise<number> {
    const patience = new Patience({
      atOnce: 1,
      firstPauseMs: 2 * this.#afterMs,
      longestPauseMs: LONGEST_PAUSE_MS,
    });
    const from = new Date(now.getTime() - MEMORY_MS);
    for (const at of await this.#operations.recoveriesOf(serverId, from)) {
      patience.waitFor(serverId, at.getTime());
    }
    return patience.waitFor(serverId, now.getTime());
  }

  /** Refuses with `ConflictError` when something was done with the server since then. */
  async recover(
    server: ServerRow,
    { pods, since, silentMs }: Found,
  ): Promise<Operation> {
    const cause = `${count(
      pods.length,
      'pod',
    )} ran, but did not answer MCP clients for ${Math.round(
      silentMs / 1000,
    )} s.`;
    const operation = await this.#acceptance.accept(server.id, async trx => {
      const now = await this.#acceptance.lock(trx, server);
      if (
        now.revision !== server.revision ||
        now.run_state !== 'running' ||
        (await this.#operations.wasTouched(trx, server.id, since))
      ) {
        throw new ConflictError('Something was done with it meanwhile.');
      }
      const planned = operationFor(now, 'recover', PLATFORM);
      return this.#operations.accept(trx, {
        ...planned,
        target: { ...planned.target, recover: { pods, cause } },
      });
    });
    const { principal } = PLATFORM;
    return this.#audit.change(
      { event: 'server-recover', principal, server, reason: cause },
      async () => operation,
    );
  }
}
