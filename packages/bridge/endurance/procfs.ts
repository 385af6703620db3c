import { readdirSync, readFileSync } from 'node:fs';

/** What Linux says of a process. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Processes that this one has started and not collected yet. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

function kilobytes(file: string, name: string): number {
  const [, digits] =
    new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
      readFileSync(file, 'utf8'),
    ) ?? [];
  return Number(digits ?? 0) * 1024;
}

/** Bytes of memory that a process has to itself or shares. */
export const residentMemory = (pid: number): number =>
  kilobytes(`/proc/${pid}/status`, 'VmRSS');

/** Bytes of a process and all that it has started; what they share is counted once (PSS). */
export function treeMemory(pid: number): number {
  const own = kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss');
  return childrenOf(pid).reduce((sum, child) => sum + treeMemory(child), own);
}
