import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Whether it may help to try again: the API server was not reached, or has trouble of its own. */
function isTransient(error: unknown): boolean {
  const { name, status } = error as { name?: string; status?: number };
  // A conflict is another writer at the same moment.
  return (
    name === 'KubeApiError' &&
    (status === 0 || status === 409 || status === 429 || (status ?? 0) >= 500)
  );
}

/** Does something with a cluster again and again while the cluster is not to be reached. */
export async function retryUnreachable<T>(
  work: () => Promise<T>,
  options: {
    signal: AbortSignal;
    onRetry: (error: Error) => Promise<void>;
    firstPauseMs?: number;
  },
): Promise<T> {
  let pauseMs = options.firstPauseMs ?? FIRST_PAUSE_MS;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) {
        throw error;
      }
      await options.onRetry(error as Error);
      await sleep(pauseMs, undefined, { signal: options.signal }).catch(
        () => undefined,
      );
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}
