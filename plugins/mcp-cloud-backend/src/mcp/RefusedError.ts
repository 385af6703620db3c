/** The bridge's words for a server that does not work. */
const SILENCE = new Set([
  'backoff',
  'child_exited',
  'children',
  'timeout',
  'unreachable',
]);

/** The bridge or the server answered, but not with what was asked for. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    message: string,
    /** HTTP status. */
    readonly status: number,
    /** The bridge's word for why, such as `sessions`; a server's own errors have none. */
    readonly reason: string | undefined,
  ) {
    super(message);
  }

  /**
   * Whether it says that the server behind the bridge does not work, and not that the bridge has no place left, ends,
   * or does not like the question.
   */
  get meansSilence(): boolean {
    // A server that could not be initialized has the same word as one whose processes are all in use.
    const isBusy = this.reason === 'children' && /in use/.test(this.message);
    return SILENCE.has(this.reason ?? '') && !isBusy;
  }
}
