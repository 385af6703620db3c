/** Another runner has taken the server over: whoever gets this stops writing at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  /** `stamp`: the fence that an object carries, where that is how it was found out. */
  constructor(message?: string, readonly stamp?: number) {
    super(message);
  }
}
