/** Bound on a build and its push together. */
export const DEFAULT_BUILD_TIMEOUT_MS = 15 * 60_000;

/** One time limit over several programs. */
export class Deadline {
  readonly #at: number;

  constructor(milliseconds: number) {
    this.#at = Date.now() + milliseconds;
  }

  left(): number {
    return Math.max(1, this.#at - Date.now());
  }
}
