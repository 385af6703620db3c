import { readFileSync } from 'node:fs';
import { run, tryRun } from './system/exec.ts';

/** Mount points at or under a folder, innermost first, from /proc/self/mountinfo. */
export function mountsUnder(
  folder: string,
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
): string[] {
  return mountinfo
    .split('\n')
    .map(line => unescape(line.split(' ')[4] ?? ''))
    .filter(point => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}

/** The kernel writes blanks and backslashes in paths as octal numbers. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
}

/** Unmounts all of it, a mount that is still busy as soon as it no longer is. */
export async function unmountUnder(folder: string): Promise<number> {
  const points = mountsUnder(folder);
  for (const point of points) {
    if ((await tryRun('umount', [point])) === undefined) {
      await tryRun('umount', ['--lazy', point]);
    }
  }
  const left = mountsUnder(folder);
  if (left.length > 0) {
    throw new Error(`cannot unmount ${left.join(', ')}`);
  }
  return points.length;
}

/** Removes a folder, and never what is mounted in it: that could be someone's data. */
export async function removeTree(folder: string): Promise<void> {
  if (mountsUnder(folder).length > 0) {
    throw new Error(`${folder} still has mounts inside; not removing it`);
  }
  await run('rm', ['-rf', '--one-file-system', '--', folder], { seconds: 120 });
}
