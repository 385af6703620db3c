import { readFileSync } from 'node:fs';
import { readIfThere, writeWhole } from './files.ts';

/** A process, told apart from a later one that happens to get the same number. */
export interface ProcessId {
  pid: number;
  /** When it started, in clock ticks since the machine did. */
  started: string;
}

/** The start time in a line of /proc/PID/stat. The name before it may contain spaces and brackets. */
export function parseStat(
  stat: string,
): { state: string; started: string } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.length > 19
    ? { state: fields[0], started: fields[19] }
    : undefined;
}

export function identify(pid: number): ProcessId | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    // A zombie has ended; only its parent has not looked yet.
    return stat && stat.state !== 'Z'
      ? { pid, started: stat.started }
      : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.started === id.started;
}

export function formatPidFile(id: ProcessId): string {
  return `${id.pid} ${id.started}\n`;
}

export function parsePidFile(content: string): ProcessId | undefined {
  const match = /^(\d+) (\d+)\s*$/.exec(content);
  return match ? { pid: Number(match[1]), started: match[2] } : undefined;
}

export function readPidFile(path: string): ProcessId | undefined {
  return parsePidFile(readIfThere(path) ?? '');
}

export function writePidFile(path: string, id: ProcessId): void {
  writeWhole(path, formatPidFile(id));
}

/** Sends a signal to exactly this process, or to nobody. */
export function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(id)) {
    return;
  }
  try {
    process.kill(id.pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Sends a signal to all of a process group that is ours. */
export function signalGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch {
    // It is gone.
  }
}

/**
 * Memory in bytes, what is shared counted in parts: the components share one binary, and each would
 * otherwise be charged for all of it.
 */
export function memoryOf(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
