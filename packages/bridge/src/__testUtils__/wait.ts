import { readFileSync } from 'node:fs';

const POLL_MS = 20;
const PATIENCE_MS = 20_000;

/** Waits until something is so. The time is there to end a broken test, not to measure. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end)
      throw new Error(`Waited in vain for ${condition.toString()}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

/** Whether a process lives; one that has ended but was not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}
