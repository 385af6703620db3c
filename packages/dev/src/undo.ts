import { say } from '../../dev-cluster/src/system/steps.ts';

/** Remembers how to take back what a run started, newest first. */
export class Undo {
  readonly #steps: Array<{ name: string; work: () => Promise<unknown> }> = [];

  add(name: string, work: () => Promise<unknown>): void {
    this.#steps.push({ name, work });
  }

  /** Takes everything back. A step that fails does not keep the others from theirs. */
  async run(): Promise<void> {
    for (let last = this.#steps.pop(); last; last = this.#steps.pop()) {
      const { name, work } = last;
      try {
        await work();
        say(`  ↩ ${name}`);
      } catch (error) {
        say(`  ✗ ${name}: ${(error as Error).message}`);
      }
    }
  }
}
