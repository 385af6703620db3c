import { LeaseLostError } from '../delivery/LeaseLostError';
import type { ServerChanges } from '../servers/ServerChanges';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';

/** How often the seconds in a message are written anew while the message is the same. */
const SECONDS_EVERY_MS = 2_000;

/** Writes down how the steps of an operation stand, and tells it. */
export class StepReporter {
  readonly #operation: LeasedOperation;
  readonly #leases: LeaseStore;
  readonly #changes: ServerChanges;
  #step?: string;
  #stepAt = 0;
  #writing = Promise.resolve();
  #writtenAt = 0;
  lastMessage?: string;

  constructor(
    operation: LeasedOperation,
    leases: LeaseStore,
    changes: ServerChanges,
  ) {
    this.#operation = operation;
    this.#leases = leases;
    this.#changes = changes;
  }

  async begin(step: string): Promise<void> {
    this.#step = step;
    this.#stepAt = performance.now();
    this.lastMessage = undefined;
    await this.#set('running', undefined);
  }

  async succeed(message: string | undefined): Promise<void> {
    await this.#set('succeeded', message);
    this.#step = undefined;
  }

  async fail(message: string): Promise<void> {
    await this.#set('failed', message);
    this.#step = undefined;
  }

  /** What is going on now. */
  async say(message: string): Promise<void> {
    this.lastMessage = message;
    await this.#set('running', message);
  }

  /** Like `say`, with the seconds that the step has taken; may be called very often and never fails. */
  progress(message: string): void {
    const now = performance.now();
    if (
      message === this.lastMessage &&
      now - this.#writtenAt < SECONDS_EVERY_MS
    ) {
      return;
    }
    this.lastMessage = message;
    this.#writtenAt = now;
    const seconds = Math.round((now - this.#stepAt) / 1000);
    const text =
      seconds < 1 ? message : `${message.replace(/\.$/, '')} (${seconds} s)`;
    // One after the other: an older message must not be written over a newer one. A lost lease is met elsewhere.
    void this.#set('running', text).catch(() => undefined);
  }

  #set(
    state: 'running' | 'succeeded' | 'failed',
    message: string | undefined,
  ): Promise<void> {
    const step = this.#step;
    const written = this.#writing.then(async () => {
      if (
        step &&
        !(await this.#leases.setStep(this.#operation, step, state, message))
      ) {
        throw new LeaseLostError();
      }
      this.#changes.changed(this.#operation.serverId);
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
