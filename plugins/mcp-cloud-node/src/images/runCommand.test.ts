import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageBuildError } from './ImageBuildError';
import { runCommand } from './runCommand';

const node = (script: string, ...args: string[]) =>
  [process.execPath, '-e', script, ...args] as [string, ...string[]];
const options = { env: {}, timeoutMs: 20_000, doing: 'Building x' };

describe('runCommand', () => {
  it('hands over both outputs line by line and returns stdout', async () => {
    const seen: string[] = [];
    const { stdout } = await runCommand(
      node('console.log("a\\nb"); console.error("c")'),
      {
        ...options,
        onLine: line => seen.push(line),
      },
    );
    expect(stdout).toBe('a\nb');
    expect(seen.sort()).toEqual(['a', 'b', 'c']);
  });

  it('passes arguments on as they are, whatever a shell would make of them', async () => {
    const hostile = '$(touch /tmp/never); `id` && "x"';
    const { stdout } = await runCommand(
      node('console.log(process.argv[1])', hostile),
      options,
    );
    expect(stdout).toBe(hostile);
  });

  it('shows nothing of the surroundings but what it is given', async () => {
    const { stdout } = await runCommand(
      node('console.log(Object.keys(process.env).join())'),
      {
        ...options,
        env: { ONLY: '1' },
      },
    );
    expect(stdout).toBe('ONLY');
  });

  it('fails with the code, the step and the last lines', async () => {
    const failing = runCommand(
      node(
        'console.log("STEP 1/2: FROM x\\nSTEP 2/2: RUN npm ci"); console.error("npm error E404"); process.exit(3)',
      ),
      options,
    );
    await expect(failing).rejects.toThrow(ImageBuildError);
    await expect(failing).rejects.toMatchObject({
      step: 'RUN npm ci',
      lastLines: expect.arrayContaining(['npm error E404']),
    });
    await expect(failing).rejects.toThrow(
      /ended with code 3\. Failed step: RUN npm ci\nLast lines:/,
    );
  });

  it('says when the program is not installed', async () => {
    await expect(runCommand(['no-such-program-here'], options)).rejects.toThrow(
      'Building x needs the program no-such-program-here, which is not installed.',
    );
  });

  it('ends a program that takes too long', async () => {
    await expect(
      runCommand(node('setInterval(() => {}, 1000)'), {
        ...options,
        timeoutMs: 300,
      }),
    ).rejects.toThrow(/took longer than 0 s and was ended/);
  });

  it('on abort ends what the program started, too', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'run-command-'));
    try {
      const pidFile = path.join(dir, 'pid');
      const script = `
        const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
        require('node:fs').writeFileSync(process.argv[1], String(child.pid));
        setInterval(() => {}, 1000);`;
      const controller = new AbortController();
      const running = runCommand(node(script, pidFile), {
        ...options,
        signal: controller.signal,
      });
      for (
        let i = 0;
        i < 200 && !(existsSync(pidFile) && readFileSync(pidFile, 'utf8'));
        i++
      ) {
        await sleep(50);
      }
      const grandchild = Number(readFileSync(pidFile, 'utf8'));
      expect(() => process.kill(grandchild, 0)).not.toThrow();
      controller.abort();
      await expect(running).rejects.toThrow('Building x was cancelled.');
      let alive = true;
      for (let i = 0; i < 100 && alive; i++) {
        await sleep(50);
        alive = isRunning(grandchild);
      }
      expect(alive).toBe(false);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('starts nothing when it is aborted before', async () => {
    await expect(
      runCommand(['no-such-program-here'], {
        ...options,
        signal: AbortSignal.abort(),
      }),
    ).rejects.toThrow('was cancelled');
  });
});

/** A killed process whose parent is gone may stay as a zombie; that one runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
