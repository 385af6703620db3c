import { RefusedError } from './RefusedError';

describe('a refusal', () => {
  const means = (reason: string | undefined, message = 'no') =>
    new RefusedError(message, 503, reason).meansSilence;

  it('means silence when the server behind the bridge does not work', () => {
    for (const reason of ['backoff', 'timeout', 'unreachable']) {
      expect(means(reason)).toBe(true);
    }
    expect(
      means('children', 'The server could not be initialized: no result'),
    ).toBe(true);
  });

  it('means none when there is no place, when it ends, or when a server answers with an error', () => {
    for (const reason of ['sessions', 'draining', 'rate', undefined]) {
      expect(means(reason)).toBe(false);
    }
    expect(
      means('children', 'All 3 processes of this server are in use; try again'),
    ).toBe(false);
  });
});
