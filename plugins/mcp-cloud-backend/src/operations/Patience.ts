/** How fast something may be done again. */
export interface Pace {
  /** So many times it is done at once. */
  atOnce: number;
  /** The pause after that; each further one is twice as long. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** Keeps the platform from doing the same thing again and again when it is of no use: ever more slowly, then. */
export class Patience {
  readonly #tries = new Map<string, { count: number; until: number }>();
  readonly #pace: Pace;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Milliseconds to wait before this is done again; counts it as done when there is nothing to wait for. */
  waitFor(what: string, now = Date.now()): number {
    const { atOnce, firstPauseMs, longestPauseMs } = this.#pace;
    for (const [key, { until }] of this.#tries) {
      if (until + longestPauseMs < now) {
        this.#tries.delete(key);
      }
    }
    const { count, until } = this.#tries.get(what) ?? { count: 0, until: now };
    if (until > now) {
      return until - now;
    }
    const pause =
      count + 1 < atOnce
        ? 0
        : Math.min(longestPauseMs, firstPauseMs * 2 ** (count + 1 - atOnce));
    this.#tries.set(what, { count: count + 1, until: now + pause });
    return 0;
  }
}
