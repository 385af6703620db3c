import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatPidFile,
  identify,
} from '../../../dev-cluster/src/system/processes';
import { running, startDetached, stop } from './detached';

describe('detached programs', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mcp-cloud-dev-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const start = (script: string) =>
    startDetached({
      args: ['-e', script],
      cwd: dir,
      env: { PATH: process.env.PATH },
      logFile: join(dir, 'logs', 'one.log'),
      pidFile: join(dir, 'pids', 'one'),
    });

  it('starts, finds and stops a program, and keeps what it wrote', async () => {
    const id = start(
      'process.on("SIGTERM", () => { console.log("bye"); process.exit() }); setInterval(() => {}, 1000); console.log("here");',
    );
    const pidFile = join(dir, 'pids', 'one');
    expect(running(pidFile)).toEqual(id);
    const log = join(dir, 'logs', 'one.log');
    while (!readFileSync(log, 'utf8').includes('here')) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(await stop(pidFile)).toBe(true);
    expect(readFileSync(log, 'utf8')).toBe('here\nbye\n');
    expect(identify(id.pid)).toBeUndefined();
    expect(running(pidFile)).toBeUndefined();
    expect(await stop(pidFile)).toBe(false);
  });

  it('ends a program that does not listen, with what it left behind', async () => {
    const id = start(
      'const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);' +
        'process.on("SIGTERM", () => {}); console.log(child.pid); setInterval(() => {}, 1000);',
    );
    const log = join(dir, 'logs', 'one.log');
    let child = 0;
    while (!child) {
      await new Promise(resolve => setTimeout(resolve, 20));
      child = Number(readFileSync(log, 'utf8'));
    }
    await stop(join(dir, 'pids', 'one'), 0.3);
    expect(identify(id.pid)).toBeUndefined();
    while (identify(child)) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });

  it('never touches another process that got the number', async () => {
    const self = identify(process.pid)!;
    const pidFile = join(dir, 'stale');
    writeFileSync(pidFile, formatPidFile({ ...self, started: '1' }));
    expect(running(pidFile)).toBeUndefined();
    expect(await stop(pidFile)).toBe(false);
  });
});
