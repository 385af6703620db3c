import { until } from './wait.ts';

describe('until', () => {
  it('goes on over failures until it works', async () => {
    let count = 0;
    const attempt = () => {
      count++;
      if (count < 3) throw new Error('not yet');
      return true;
    };
    await until('it', attempt, { seconds: 5, everyMs: 1 });
    expect(count).toBe(3);
  });

  it('gives up in time, with the last reason', async () => {
    const attempt = () => Promise.reject(new Error('refused'));
    await expect(
      until('the thing', attempt, { seconds: 0.05, everyMs: 10 }),
    ).rejects.toThrow('the thing: not within 0.05 s (refused)');
  });

  it('ends at once when the guard says that it is pointless', async () => {
    const guard = () => {
      throw new Error('etcd has stopped');
    };
    await expect(
      until('it', () => false, { seconds: 60, guard }),
    ).rejects.toThrow('etcd has stopped');
  });
});
