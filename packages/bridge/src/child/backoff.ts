const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * A circuit breaker for what keeps failing: open for 0.5 s after the first
 * failure, twice as long after each further one, up to 30 s.
 */
export class Backoff {
  private failures = 0;
  private until = 0;

  /** @returns the wait in milliseconds */
  failed(): number {
    const wait = Math.min(
      LONGEST_MS,
      FIRST_MS * 2 ** Math.min(this.failures, 10),
    );
    this.failures++;
    this.until = Date.now() + wait;
    return wait;
  }

  /** It began well: the next try may come at once, and when that fails the wait goes on growing. */
  eased(): void {
    this.until = 0;
  }

  /** It works. */
  succeeded(): void {
    this.failures = 0;
    this.until = 0;
  }

  /** Milliseconds until the next start is allowed. */
  get remaining(): number {
    return Math.max(0, this.until - Date.now());
  }
}
