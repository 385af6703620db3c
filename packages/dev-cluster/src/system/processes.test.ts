import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  identify,
  isAlive,
  memoryOf,
  parsePidFile,
  parseStat,
  readPidFile,
  signal,
  writePidFile,
} from './processes.ts';

const stat = (name: string, state: string, started: string) =>
  `42 (${name}) ${state} ${Array.from({ length: 18 }, () => '0').join(
    ' ',
  )} ${started} 1 2 3`;

describe('parseStat', () => {
  it('finds state and start time', () => {
    expect(parseStat(stat('etcd', 'S', '777'))).toEqual({
      state: 'S',
      started: '777',
    });
  });
  it('is not misled by the name of the process', () => {
    expect(parseStat(stat('a) R 1 (b', 'S', '777'))).toEqual({
      state: 'S',
      started: '777',
    });
  });
});

describe('pid files', () => {
  it('hold number and start time', () => {
    const dir = mkdtempSync(join(tmpdir(), 'pids-'));
    const file = join(dir, 'etcd.pid');
    expect(readPidFile(file)).toBeUndefined();
    writePidFile(file, { pid: 7, started: '99' });
    expect(readPidFile(file)).toEqual({ pid: 7, started: '99' });
    writeFileSync(file, '7');
    expect(readPidFile(file)).toBeUndefined();
    rmSync(dir, { recursive: true });
  });
  it.each(['', '12', 'a b', '1 2 3', '-1 2'])(
    'are refused when they say "%s"',
    content => {
      expect(parsePidFile(content)).toBeUndefined();
    },
  );
});

describe('a process', () => {
  it('is alive until it ends, and has memory', async () => {
    const child = spawn('sleep', ['60']);
    const id = identify(child.pid!)!;
    expect(isAlive(id)).toBe(true);
    expect(memoryOf(process.pid)).toBeGreaterThan(1_000_000);
    const ended = new Promise(resolve => child.once('exit', resolve));
    signal(id, 'SIGKILL');
    await ended;
    expect(isAlive(id)).toBe(false);
    expect(memoryOf(id.pid)).toBe(0);
  });

  it('with the same number and another start time is not signalled', async () => {
    const child = spawn('sleep', ['60']);
    const id = identify(child.pid!)!;
    const earlier = { pid: id.pid, started: `${Number(id.started) - 1}` };
    expect(isAlive(earlier)).toBe(false);
    signal(earlier, 'SIGKILL');
    expect(isAlive(id)).toBe(true);
    child.kill('SIGKILL');
  });
});
