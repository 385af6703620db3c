import type { Logger } from '../observability/logger';
import { Backoff } from './backoff';
import { Child, describeExit } from './child';

/**
 * The warm process that waits for the next session. It is left untouched, so
 * that `initialize` of that session's client goes end to end.
 */
export class Spare {
  private waiting?: Child;
  /** Of its own: a server may answer every probe and still not bear to wait. */
  private readonly backoff = new Backoff();
  /** Those that had waited before a session got them. */
  private readonly warm = new WeakSet<Child>();

  /** @param onLost it has died while it waited; the next may be started after so many milliseconds */
  constructor(
    private readonly logger: Logger,
    private readonly onLost: (waitMs: number) => void,
  ) {}

  get isThere(): boolean {
    return this.waiting !== undefined;
  }

  get mayStart(): boolean {
    return !this.waiting && this.backoff.remaining === 0;
  }

  keep(child: Child): void {
    this.waiting = child;
    child.listener = {
      onLine: () => {}, // a server must not speak first
      onOversizedLine: () => {},
      onExit: exit => {
        if (exit.expected) return; // its place was needed
        this.waiting = undefined;
        this.logger.warn(
          { pid: exit.pid },
          `the waiting process ${describeExit(exit)}`,
        );
        this.onLost(this.backoff.failed());
      },
    };
  }

  /** For a session. */
  take(): Child | undefined {
    const child = this.giveUp();
    if (!child) return undefined;
    this.backoff.succeeded();
    this.warm.add(child);
    return child;
  }

  /** For nobody: it is to be ended. */
  giveUp(): Child | undefined {
    const child = this.waiting;
    this.waiting = undefined;
    return child;
  }

  hadWaited(child: Child): boolean {
    return this.warm.has(child);
  }

  /** One has died because it had waited. @returns how long the next has to wait to be started, in milliseconds */
  failed(): number {
    return this.backoff.failed();
  }

  /** What failed before did so somewhere else. */
  forgive(): void {
    this.backoff.succeeded();
  }
}
