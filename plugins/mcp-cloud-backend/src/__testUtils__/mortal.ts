/** Whether a simulated process runs, or is paused (SIGSTOP) or dead (SIGKILL). */
export class Life {
  #gate: Promise<void> | undefined;
  #open: () => void = () => {};

  /** From here on nothing is done and no answer is heard: a paused process until `resume`, a killed one otherwise. */
  pause(): void {
    this.#gate = new Promise(resolve => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#gate = undefined;
    this.#open();
  }

  async pass(): Promise<void> {
    while (this.#gate) {
      await this.#gate;
    }
  }
}

/**
 * The same object for a process that may be paused or die: calls wait before they begin, and answers before they
 * are heard, for as long as it does not run.
 */
export function mortal<T extends object>(target: T, life: Life): T {
  return new Proxy(target, {
    get(object, key) {
      const value = Reflect.get(object, key, object);
      if (typeof value !== 'function') {
        return value;
      }
      return async (...args: unknown[]) => {
        await life.pass();
        const result = await value.apply(object, args);
        await life.pass();
        return result;
      };
    },
  });
}
