import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value that is there, and throws when none comes in time. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 10_000,
): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > until) {
      throw new Error(`Nothing came within ${ms} ms: ${look}`);
    }
    await sleep(15);
  }
}
