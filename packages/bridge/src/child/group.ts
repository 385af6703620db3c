const POLL_MS = 50;

/** Sends a signal to a whole process group; `false` when nobody is left in it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process group is empty. @returns whether it is, within `ms` */
export async function groupGone(pid: number, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (signalGroup(pid, 0)) {
    if (Date.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/** Ends what a process has left behind in its group: SIGTERM, then SIGKILL after `graceMs`. */
export async function sweepGroup(pid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return;
  if (!(await groupGone(pid, graceMs))) signalGroup(pid, 'SIGKILL');
}
