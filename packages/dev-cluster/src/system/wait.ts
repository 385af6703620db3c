export const sleep = (milliseconds: number) =>
  new Promise<void>(resolve => setTimeout(resolve, milliseconds));

export interface WaitOptions {
  seconds: number;
  everyMs?: number;
  /** Called before each attempt; throws when there is no use in waiting on. */
  guard?: () => void;
}

/** Repeats an attempt until it gives something. An attempt that throws counts as "not yet". */
export async function until<T>(
  what: string,
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  { seconds, everyMs = 200, guard }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let why = '';
  for (;;) {
    guard?.();
    try {
      const result = await attempt();
      if (result !== undefined && result !== false) {
        return result;
      }
      why = '';
    } catch (error) {
      why = ` (${(error as Error).message})`;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${seconds} s${why}`);
    }
    await sleep(everyMs);
  }
}

/** Whether an address answers with success within two seconds. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}
