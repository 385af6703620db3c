/** Runs checks one after the other, says how each went, and counts. */
export class Checks {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** A check that others need: when it fails, those that come after it are skipped. */
  async check<T>(name: string, body: () => Promise<T>): Promise<T | undefined> {
    if (this.failed) {
      this.skipped += 1;
      console.log(`  skip  ${name}`);
      return undefined;
    }
    const begun = performance.now();
    const seconds = () =>
      `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    try {
      const result = await body();
      this.passed += 1;
      console.log(`  ok    ${name} (${seconds()})`);
      return result;
    } catch (error) {
      this.failed += 1;
      console.log(
        `  fail  ${name} (${seconds()})\n${String(
          error instanceof Error ? error.message : error,
        )}`,
      );
      return undefined;
    }
  }
}
