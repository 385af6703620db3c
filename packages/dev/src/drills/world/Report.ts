import { elapsed, say } from '../../../../dev-cluster/src/system/steps.ts';
import type { Totals } from '../../testing/totals.ts';

/** Counts what held of a drill and what did not, and tells a person the figures. A check that fails does not end it. */
export class Report {
  readonly failures: string[] = [];
  readonly totals: Totals = {
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: this.failures,
  };

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

  /** Runs the whole drill. One that breaks off counts as failed. */
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

  #fail(name: string, { message }: Error): void {
    this.totals.failed += 1;
    this.failures.push(`${name}: ${message}`);
    say(`  ✗ ${name}: ${message}`);
  }
}
