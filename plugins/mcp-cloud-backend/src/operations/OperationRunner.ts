import type { LoggerService } from '@backstage/backend-plugin-api';
import { Lease } from './Lease';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';

/** Carries one operation out, to its end or until the lease's signal aborts. Never throws. */
export type ExecuteOperation = (
  operation: LeasedOperation,
  lease: Lease,
) => Promise<void>;

const SHUTDOWN_MS = 3_000;

/**
 * Takes operations from the database and has them carried out, some at a time, one per server. Any number of
 * backend replicas run one each: what one leaves behind, another finishes.
 */
export class OperationRunner {
  readonly #leases: LeaseStore;
  readonly #execute: ExecuteOperation;
  readonly #logger: LoggerService;
  readonly #leaseMs: number;
  readonly #pollMs: number;
  readonly #concurrency: number;
  readonly #running = new Map<string, { lease: Lease; done: Promise<void> }>();
  #stopped = false;
  #wakeUp: () => void = () => {};
  #woken = false;
  #loop?: Promise<void>;

  constructor(options: {
    leases: LeaseStore;
    execute: ExecuteOperation;
    logger: LoggerService;
    /** Must be the one that `leases` has. */
    leaseMs: number;
    pollMs?: number;
    concurrency?: number;
  }) {
    this.#leases = options.leases;
    this.#execute = options.execute;
    this.#logger = options.logger;
    this.#leaseMs = options.leaseMs;
    this.#pollMs = options.pollMs ?? 1_000;
    this.#concurrency = options.concurrency ?? 16;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Looks for work now, and has what runs for this server see whether it still should. */
  wake(serverId?: string): void {
    this.#woken = true;
    this.#wakeUp();
    if (serverId) {
      void this.#running.get(serverId)?.lease.beat();
    }
  }

  /** Takes nothing new, interrupts what runs and gives it back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeUp();
    // An operation that was being claimed just now still enters the map.
    await this.#loop;
    const running = [...this.#running.values()];
    running.forEach(({ lease }) => lease.interrupt());
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>(resolve => {
      timer = setTimeout(resolve, SHUTDOWN_MS);
    });
    await Promise.race([
      Promise.all(running.map(({ done }) => done)),
      patience,
    ]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      try {
        await this.#fill();
      } catch (error) {
        this.#logger.warn(
          'No operations can be taken from the database',
          error as Error,
        );
      }
      await this.#pause();
    }
  }

  async #fill(): Promise<void> {
    while (!this.#stopped && this.#running.size < this.#concurrency) {
      const operation = await this.#leases.claim(new Set(this.#running.keys()));
      if (!operation) {
        return;
      }
      const { id, kind, serverName } = operation;
      this.#logger.info(`Carrying out operation ${id}: ${kind} ${serverName}`);
      const lease = new Lease(
        operation,
        this.#leases,
        this.#leaseMs,
        this.#logger,
      );
      const done = this.#execute(operation, lease)
        .catch(error =>
          this.#logger.error(`Operation ${id} ended unexpectedly`, error),
        )
        .finally(() => {
          lease.close();
          this.#running.delete(operation.serverId);
          this.wake();
        });
      this.#running.set(operation.serverId, { lease, done });
    }
  }

  async #pause(): Promise<void> {
    if (this.#stopped || this.#woken) {
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#wakeUp = resolve;
      timer = setTimeout(resolve, this.#pollMs);
    });
    clearTimeout(timer);
  }
}
