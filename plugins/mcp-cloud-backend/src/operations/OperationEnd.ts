import type { LoggerService } from '@backstage/backend-plugin-api';
import type { OperationFailure } from '@mcp-cloud/plugin-mcp-cloud-common';
import { LeaseLostError } from '../delivery/LeaseLostError';
import type { DesiredServer, ServerStatusService } from '../status/types';
import type { AutomaticRollback } from './AutomaticRollback';
import { InterruptedError, ShutdownError } from './interruptions';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';
import { OperationError } from './OperationError';
import type { StepReporter } from './StepReporter';

/** No server has had that many runners; a stamp beyond was written by somebody else. */
const MAX_STAMP = 1_000_000_000;
/** Warnings that are kept with a failed operation. */
const MAX_EVENTS = 10;

/** What ending operations takes. */
export interface OperationEndOptions {
  leases: LeaseStore;
  statuses: ServerStatusService;
  /** Missing where the platform has switched it off. */
  automaticRollback?: AutomaticRollback;
  /** Called when this runner lost a server in the midst of a write, which may have gone through. */
  mend: (serverId: string) => Promise<void>;
  /** Called when a move did not get to its end: there may be something left in the cluster that it went to. */
  clearAfterMove: (serverId: string) => Promise<void>;
  logger: LoggerService;
  timeoutMs: number;
}

/** Deals with operations that do not get to their last step. */
export class OperationEnd {
  readonly #options: OperationEndOptions;

  constructor(options: OperationEndOptions) {
    this.#options = options;
  }

  /** `wanted` is the server as the operation wanted it, once that is known. */
  async unfinished(
    operation: LeasedOperation,
    report: StepReporter,
    error: unknown,
    wanted: DesiredServer | undefined,
  ): Promise<void> {
    const { leases, logger, mend } = this.#options;
    if (error instanceof ShutdownError) {
      await leases.release(operation);
    } else if (await this.#goesOnAbove(operation, error)) {
      logger.warn(
        `Operation ${operation.id} of ${
          operation.serverName
        } begins anew above what the cluster shows: ${
          (error as Error).message
        }`,
      );
    } else if ((error as Error).name === 'LeaseLostError') {
      logger.warn(
        `Operation ${operation.id} of ${operation.serverName} went over to another runner`,
      );
      await mend(operation.serverId);
    } else if (error instanceof InterruptedError) {
      await report.fail(error.message).catch(() => undefined);
      await this.#finish(operation, 'cancelled', error.details);
    } else {
      const failure = this.#failureOf(error, report.lastMessage);
      if (failure.reason === 'InternalError') {
        logger.error(
          `Operation ${operation.id} of ${operation.serverName} failed: ${failure.message}`,
          error as Error,
        );
      }
      await report.fail(failure.message).catch(() => undefined);
      await this.#finish(operation, 'failed', {
        ...failure,
        ...(wanted && this.#seen(wanted)),
      });
    }
  }

  /** Where objects carry the stamp of a runner that this database does not know, which was restored from a backup. */
  async #goesOnAbove(
    operation: LeasedOperation,
    error: unknown,
  ): Promise<boolean> {
    return (
      error instanceof LeaseLostError &&
      error.stamp !== undefined &&
      error.stamp < MAX_STAMP &&
      this.#options.leases.releaseAbove(operation, error.stamp)
    );
  }

  async #finish(
    operation: LeasedOperation,
    state: 'failed' | 'cancelled',
    error: OperationFailure,
  ): Promise<void> {
    const { leases, mend, automaticRollback, clearAfterMove } = this.#options;
    let rollback: string | undefined;
    const held = await leases.finish(operation, { state, error }, async trx => {
      if (state === 'failed') {
        rollback = await automaticRollback?.accept(trx, operation);
      }
    });
    if (!held) {
      await mend(operation.serverId);
    } else if (rollback) {
      await automaticRollback?.record(operation, rollback);
    } else if (operation.target.move) {
      await clearAfterMove(operation.serverId);
    }
  }

  /** What there is to see of the pods now; a rollback takes them away. */
  #seen(wanted: DesiredServer): Pick<OperationFailure, 'stderr' | 'events'> {
    const { statuses } = this.#options;
    const { stderr } = statuses.status(wanted);
    const events = statuses
      .events(wanted)
      .filter(({ type }) => type === 'Warning')
      .slice(0, MAX_EVENTS);
    return { ...(stderr && { stderr }), ...(events.length && { events }) };
  }

  #failureOf(
    error: unknown,
    lastMessage: string | undefined,
  ): OperationFailure {
    if ((error as Error).name === 'TimeoutError') {
      const seconds = Math.round(this.#options.timeoutMs / 1000);
      return {
        reason: 'Timeout',
        message: `Not done after ${seconds} s. ${lastMessage ?? ''}`.trim(),
        hint: 'Look at the pods and their events, then try again.',
      };
    }
    return OperationError.detailsOf(error);
  }
}
