import { useEffect } from 'react';
import useSWR, { type KeyedMutator, useSWRConfig } from 'swr';
import { useServersSignal } from './useServersSignal';

/** Signals get lost (a backend restart, a proxy that drops sockets), so everything is also read this often. */
const SLOW_POLL_MS = 10_000;
const RETRY_MS = 5_000;
/**
 * For this long after a page opens, and after a read failed, signals cannot be counted on: a socket that does not open
 * within a second is tried again five seconds later, and nothing tells a page so. Until then it asks this often.
 */
const SETTLING_MS = 15_000;
const SETTLING_POLL_MS = 1_500;

export interface LiveData<T> {
  data?: T;
  error?: Error;
  isLoading: boolean;
  /** When `data` was read last, in ms since the epoch. */
  readAt?: number;
  refresh: KeyedMutator<T>;
}

interface LiveOptions<T> {
  /** Whether a signal about the server of this id concerns the data. */
  concerns?: (serverId: string) => boolean;
  /** Bursts of signals lead to one read per this time. */
  throttleMs?: number;
  pollMs?: number | ((latest?: T) => number);
}

/** What all readers of one key share, so that a signal leads to one read and not to one for each of them. */
interface Shared {
  readers: number;
  after?: number;
  readAt?: number;
  settledAt: number;
  timer?: ReturnType<typeof setTimeout>;
}
const sharedOfCaches = new WeakMap<object, Map<string, Shared>>();

function sharedOf(cache: object, key: string): Shared {
  const ofCache = sharedOfCaches.get(cache) ?? new Map<string, Shared>();
  sharedOfCaches.set(cache, ofCache);
  const shared = ofCache.get(key) ?? {
    readers: 0,
    settledAt: Date.now() + SETTLING_MS,
  };
  ofCache.set(key, shared);
  return shared;
}

/**
 * Data that follows the backend: read at once when a signal says that it changed, slowly otherwise, and on focus.
 * Older data stays while a read fails, so a page never goes blank for an error.
 */
export function useLiveData<T>(
  key: readonly unknown[] | null,
  read: (after?: number) => Promise<T>,
  { concerns, throttleMs = 0, pollMs = SLOW_POLL_MS }: LiveOptions<T> = {},
): LiveData<T> {
  const shared = sharedOf(useSWRConfig().cache, JSON.stringify(key));
  const { data, error, isLoading, mutate } = useSWR<T, Error>(
    key && ['mcp-cloud', ...key],
    async () => {
      const version = shared.after;
      // Sent once: a backend that lost its count would hold back every later read for nothing.
      shared.after = undefined;
      const value = await read(version);
      shared.readAt = Date.now();
      return value;
    },
    {
      refreshInterval: latest => {
        const settled = typeof pollMs === 'function' ? pollMs(latest) : pollMs;
        return concerns && settled && Date.now() < shared.settledAt
          ? Math.min(settled, SETTLING_POLL_MS)
          : settled;
      },
      dedupingInterval: 500,
      revalidateOnFocus: true,
      keepPreviousData: true,
      errorRetryInterval: RETRY_MS,
      // A refusal does not go away by asking again, and says so at once.
      onErrorRetry: (problem, _key, config, revalidate, { retryCount }) => {
        shared.settledAt = Date.now() + SETTLING_MS;
        if (!isFinal(problem)) {
          setTimeout(
            () => revalidate({ retryCount }),
            config.errorRetryInterval,
          );
        }
      },
    },
  );

  useServersSignal(({ id, version }) => {
    if (!key || !concerns || (id !== undefined && !concerns(id))) {
      return;
    }
    shared.after = Math.max(shared.after ?? 0, version);
    shared.timer ??= setTimeout(() => {
      shared.timer = undefined;
      mutate();
    }, throttleMs);
  });

  useEffect(() => {
    if (shared.readers === 0) {
      shared.settledAt = Date.now() + SETTLING_MS;
    }
    shared.readers += 1;
    return () => {
      shared.readers -= 1;
      if (shared.readers === 0) {
        clearTimeout(shared.timer);
        shared.timer = undefined;
      }
    };
  }, [shared]);

  return { data, error, isLoading, readAt: shared.readAt, refresh: mutate };
}

/** Whether asking again cannot help: refused, or not there. */
export function isFinal(error: unknown): boolean {
  return hasStatus(error, 403) || hasStatus(error, 404);
}

/** Whether an error is the answer of a backend with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    error.statusCode === status
  );
}
