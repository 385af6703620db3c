/** Another runner has taken the server over: whoever gets this stops writing at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}
