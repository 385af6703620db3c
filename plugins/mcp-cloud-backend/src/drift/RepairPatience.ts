/** Repairs of the same thing that are made at once; whoever undoes them is then met ever more slowly. */
const AT_ONCE = 3;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** Keeps the platform from writing against somebody who never gives in, such as a controller that is not allowed. */
export class RepairPatience {
  readonly #tries = new Map<string, { count: number; until: number }>();

  /** Milliseconds to wait before this is repaired again; counts the repair when there is nothing to wait for. */
  waitFor(what: string, now = Date.now()): number {
    for (const [key, { until }] of this.#tries) {
      if (until + LONGEST_PAUSE_MS < now) {
        this.#tries.delete(key);
      }
    }
    const { count, until } = this.#tries.get(what) ?? { count: 0, until: now };
    if (until > now) {
      return until - now;
    }
    const pause =
      count + 1 < AT_ONCE
        ? 0
        : Math.min(
            LONGEST_PAUSE_MS,
            FIRST_PAUSE_MS * 2 ** (count + 1 - AT_ONCE),
          );
    this.#tries.set(what, { count: count + 1, until: now + pause });
    return 0;
  }
}
