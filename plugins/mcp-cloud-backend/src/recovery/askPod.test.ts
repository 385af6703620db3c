import { askPod } from './askPod';

const PATIENCE_MS = 60_000;

describe('asking a pod', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Seconds after which it was told that there is silence, and how it ended. */
  async function asked(
    ask: (signal: AbortSignal, second: number) => Promise<void>,
    { isAlive = true, stopAfter = Infinity } = {},
  ) {
    const begin = Date.now();
    const seconds = () => (Date.now() - begin) / 1000;
    const stop = new AbortController();
    let silence: number | undefined;
    const tries: number[] = [];
    let ended: number | undefined;
    const verdict = askPod({
      ask: signal => {
        tries.push(seconds());
        return ask(signal, seconds());
      },
      isBridgeAlive: async () => isAlive,
      patienceMs: PATIENCE_MS,
      onSilence: () => {
        silence = seconds();
      },
      signal: stop.signal,
    }).finally(() => {
      ended = seconds();
    });
    for (let second = 0; second < 200 && ended === undefined; second += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      if (second >= stopAfter) {
        stop.abort();
      }
    }
    return { verdict: await verdict, silence, tries, ended };
  }
  const never = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const fails = () => Promise.reject(new Error('no'));

  it('is content with one answer', async () => {
    expect(await asked(async () => {})).toMatchObject({
      verdict: 'answers',
      silence: undefined,
      tries: [0],
      ended: 0,
    });
  });

  it('waits for a slow start as long as a server has', async () => {
    const slow = () => new Promise<void>(done => setTimeout(done, 55_000));
    expect(await asked(slow)).toMatchObject({
      verdict: 'answers',
      silence: 20,
      ended: 55,
    });
  });

  it('asks again after a refusal, and forgets it when there is an answer', async () => {
    const later = async (_: AbortSignal, second: number) =>
      second < 15 ? fails() : undefined;
    expect(await asked(later)).toMatchObject({
      verdict: 'answers',
      tries: [0, 10, 20],
    });
  });

  it('says that nobody answers only when all the time is over', async () => {
    expect(await asked(never)).toMatchObject({
      verdict: 'silent',
      silence: 20,
      tries: [0],
      ended: 60,
    });
    expect(await asked(fails)).toMatchObject({
      verdict: 'silent',
      tries: [0, 10, 20, 30, 40, 50],
      ended: 60,
    });
  });

  it('knows nothing of a server whose bridge does not answer, nor when it is stopped', async () => {
    expect((await asked(never, { isAlive: false })).verdict).toBe('unknown');
    expect(await asked(never, { stopAfter: 5 })).toMatchObject({
      verdict: 'unknown',
      silence: undefined,
      ended: 6,
    });
  });
});
