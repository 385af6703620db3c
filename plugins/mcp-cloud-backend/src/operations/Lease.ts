import type { LoggerService } from '@backstage/backend-plugin-api';
import { LeaseLostError } from '../delivery/LeaseLostError';
import type { WriteGuard } from '../delivery/types';
import { InterruptedError, ShutdownError } from './interruptions';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';

/** A runner's hold on an operation. It is renewed while it lives; `signal` aborts with the reason when it ends. */
export class Lease implements WriteGuard {
  readonly #operation: LeasedOperation;
  readonly #store: LeaseStore;
  readonly #leaseMs: number;
  readonly #logger: LoggerService;
  readonly #controller = new AbortController();
  #timer?: NodeJS.Timeout;
  #heldAt = performance.now();

  constructor(
    operation: LeasedOperation,
    store: LeaseStore,
    leaseMs: number,
    logger: LoggerService,
  ) {
    this.#operation = operation;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#logger = logger;
    this.#schedule();
  }

  get fence(): number {
    return this.#operation.fence;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Asks the database itself: a process that was paused may believe in a lease that ran out long ago. */
  async assertHeld(): Promise<void> {
    this.#controller.signal.throwIfAborted();
    if (!(await this.#store.isHeld(this.#operation))) {
      this.#controller.abort(new LeaseLostError());
      throw new LeaseLostError();
    }
  }

  /** Renews now; called by itself every third of the lease's length, and when there may be news. */
  async beat(): Promise<void> {
    const startedAt = performance.now();
    try {
      const state = await this.#store.renew(this.#operation);
      if (state === 'lost') {
        this.#controller.abort(new LeaseLostError());
      } else if (state === 'held') {
        this.#heldAt = startedAt;
      } else {
        this.#controller.abort(new InterruptedError(state));
      }
    } catch (error) {
      this.#logger.warn(
        `The lease of operation ${this.#operation.id} was not renewed`,
        error as Error,
      );
      if (performance.now() - this.#heldAt > this.#leaseMs) {
        this.#controller.abort(new LeaseLostError());
      }
    }
  }

  interrupt(): void {
    this.#controller.abort(new ShutdownError('The backend is shutting down.'));
  }

  /** Ends the renewals. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = setTimeout(async () => {
      await this.beat();
      if (this.#timer && !this.#controller.signal.aborted) {
        this.#schedule();
      }
    }, this.#leaseMs / 3);
  }
}
