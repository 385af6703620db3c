import { spawn, type ChildProcess } from 'node:child_process';

export interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  timeoutMs?: number;
}

const children = new Set<ChildProcess>();

/** Starts a program as a process group of its own; nothing of it outlives this script. */
export function start(
  argv: readonly [string, ...string[]],
  { cwd, env }: RunOptions,
): ChildProcess {
  const [file, ...args] = argv;
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Ends a process group: politely, then for good. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const closed = new Promise<void>(resolve => {
    child.once('close', () => resolve());
  });
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 5_000);
  await closed;
  clearTimeout(timer);
}

/** Ends everything that was started. */
export async function endAll(): Promise<void> {
  await Promise.all([...children].map(end));
}

/** Runs a program to its end and returns what it wrote. Throws with the end of that when it fails. */
export async function run(
  argv: readonly [string, ...string[]],
  options: RunOptions,
): Promise<string> {
  const child = start(argv, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', data => {
      output += data;
    });
  }
  const { timeoutMs = 10 * 60_000 } = options;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void end(child);
  }, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) {
      const how = late
        ? `took longer than ${timeoutMs / 1000} s`
        : `ended with code ${code}`;
      throw new Error(
        `${argv.join(' ')} ${how}:\n${output
          .trim()
          .split('\n')
          .slice(-40)
          .join('\n')}`,
      );
    }
    return output;
  } finally {
    clearTimeout(timer);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) {
      process.kill(-child.pid, signal);
    }
  } catch {
    // It is gone already.
  }
}
