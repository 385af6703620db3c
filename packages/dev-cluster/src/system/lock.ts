import {
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { readIfThere } from './files.ts';
import { formatPidFile, identify, isAlive, parsePidFile } from './processes.ts';
import { sleep } from './wait.ts';

/**
 * Runs work while holding a lock file that names its holder. A holder that died frees the lock:
 * the file tells its start time, so a reused process number does not keep it.
 */
export async function withLock<T>(
  path: string,
  seconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  while (!tryAcquire(path)) {
    if (Date.now() > deadline) {
      const holder = parsePidFile(readIfThere(path) ?? '');
      throw new Error(
        `another command is at work here (process ${
          holder?.pid ?? '?'
        }, ${path})`,
      );
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

export function tryAcquire(path: string): boolean {
  const self = identify(process.pid);
  if (!self) {
    throw new Error(
      'This system has no /proc: a lock that outlives no holder needs Linux.',
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made aside and linked into place, the file is never seen without its content.
  const mine = `${path}.${process.pid}.${performance.now()}`;
  writeFileSync(mine, formatPidFile(self), { mode: 0o600 });
  try {
    linkSync(mine, path);
    return true;
  } catch {
    breakStale(path);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves a dead holder's lock away. Of several that try, the one whose rename works decides. */
function breakStale(path: string): void {
  const content = readIfThereSafely(path);
  const holder = content === undefined ? undefined : parsePidFile(content);
  if (content === undefined || (holder && isAlive(holder))) {
    return;
  }
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readIfThereSafely(aside) !== content) {
    // Someone broke the lock and took it since we looked: put theirs back.
    try {
      linkSync(aside, path);
    } catch {
      // And it has been taken once more; the holder then waits for its turn like everyone.
    }
  }
  rmSync(aside, { force: true });
}

function readIfThereSafely(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch {
    return undefined;
  }
}
