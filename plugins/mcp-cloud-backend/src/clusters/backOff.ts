import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds to wait before try number `attempt` (from 0): doubling from 0.5 s up to 15 s, with up to half of jitter. */
export function backOff(
  attempt: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random());
}

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
