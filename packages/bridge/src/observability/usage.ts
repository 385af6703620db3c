import { readdirSync, readFileSync } from 'node:fs';

/** Memory and processor use of the bridge and of its children's process groups. */
export interface Usage {
  readonly memoryBytes: number;
  /** Average since the last look, in cores. */
  readonly cores: number;
}

const PAGE_BYTES = 4096;
/** `USER_HZ`, which Linux shows to user space as 100 on every platform Node runs on. */
const TICKS_PER_SECOND = 100;
const CACHE_MS = 1000;

let cached: Usage = { memoryBytes: process.memoryUsage.rss(), cores: 0 };
let cachedAt = 0;
let lastSeconds: number | undefined;

interface ProcessStat {
  readonly group: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

function statOf(pid: string): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; numbering starts after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      group: Number(fields[2]),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      memoryBytes: Number(fields[21]) * PAGE_BYTES,
    };
  } catch {
    return undefined; // it has just ended, or there is no /proc
  }
}

/** Looks at most once a second. @param groups leaders of the process groups to count */
export function usageOf(groups: readonly number[]): Usage {
  const now = Date.now();
  if (now - cachedAt < CACHE_MS) return cached;
  const wanted = new Set(groups);
  const own = process.cpuUsage();
  let cpuSeconds = (own.user + own.system) / 1e6;
  let memoryBytes = process.memoryUsage.rss();
  let names: string[] = [];
  try {
    names = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  } catch {
    // not Linux: the bridge alone is counted
  }
  for (const name of names) {
    const stat = statOf(name);
    if (!stat || !wanted.has(stat.group)) continue;
    cpuSeconds += stat.cpuSeconds;
    memoryBytes += stat.memoryBytes;
  }
  const elapsed = (now - cachedAt) / 1000;
  // Ended children take their seconds along, so the sum can fall.
  const cores =
    lastSeconds === undefined
      ? 0
      : Math.max(0, cpuSeconds - lastSeconds) / elapsed;
  cached = { memoryBytes, cores };
  cachedAt = now;
  lastSeconds = cpuSeconds;
  return cached;
}
