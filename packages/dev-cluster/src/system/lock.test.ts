import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryAcquire, withLock } from './lock.ts';
import { formatPidFile, identify } from './processes.ts';
import { sleep } from './wait.ts';

describe('withLock', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lock-'));
    path = join(dir, 'a.lock');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, 5, work)));
    expect(most).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    await expect(
      withLock(path, 1, async () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('names who holds it when it gives up', async () => {
    expect(tryAcquire(path)).toBe(true);
    await expect(withLock(path, 0.1, async () => {})).rejects.toThrow(
      `process ${process.pid}`,
    );
  });

  it('is taken from a holder that is gone, also when its number lives on', async () => {
    const self = identify(process.pid)!;
    writeFileSync(
      path,
      formatPidFile({ ...self, started: `${Number(self.started) - 1}` }),
    );
    await expect(withLock(path, 2, async () => 'in')).resolves.toBe('in');
    writeFileSync(path, 'rubbish');
    await expect(withLock(path, 2, async () => 'in')).resolves.toBe('in');
  });
});
