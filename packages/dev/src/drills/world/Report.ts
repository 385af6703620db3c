import { elapsed, say } from '../../../../dev-cluster/src/system/steps.ts';
import type { Totals } from '../../testing/totals.ts';

/** Counts what held and what did not, and tells a person the figures. A check that fails does not end a drill. */
export class Report {
  readonly totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  readonly #failures: string[] = [];

  async check(name: string, work: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    try {
      await work();
      this.totals.passed += 1;
      say(`  ✓ ${name} (${elapsed(begin)})`);
    } catch (error) {
      this.#fail(name, error as Error);
    }
  }

  /** What was measured, for people; whether it is good enough is a check. */
  figure(text: string): void {
    say(`    ${text}`);
  }

  skip(name: string, why: string): void {
    this.totals.skipped += 1;
    say(`  – ${name}: ${why}`);
  }

  /** Runs a whole drill. One that breaks off counts as failed. */
  async drill(title: string, work: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    say(`\n${title}`);
    try {
      await work();
    } catch (error) {
      this.#fail(`${title} broke off`, error as Error);
    }
    say(`  (${elapsed(begin)})`);
  }

  sayFailures(): void {
    if (this.#failures.length) {
      say(`\nFailed:\n${this.#failures.map(line => `  ✗ ${line}`).join('\n')}`);
    }
  }

  #fail(name: string, { message }: Error): void {
    this.totals.failed += 1;
    this.#failures.push(`${name}: ${message}`);
    say(`  ✗ ${name}: ${message}`);
  }
}
