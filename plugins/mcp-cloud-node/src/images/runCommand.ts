import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ImageBuildError } from './ImageBuildError';
import { failedStep } from './failedStep';

/** Lines that are kept for the message of a failure. */
const KEPT_LINES = 200;
/** Lines that a message shows. */
const SHOWN_LINES = 20;
const KILL_AFTER_MS = 5_000;

/** How a program is run. */
export interface RunOptions {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  timeoutMs: number;
  onLine?: (line: string) => void;
  /** What is being done, for messages: `Building the image`. */
  doing: string;
}

/** Runs one program to its end. Never through a shell: `argv` reaches the program as it is. */
export type RunCommand = (
  argv: readonly [string, ...string[]],
  options: RunOptions,
) => Promise<{ stdout: string }>;

/** Runs a program as its own process group, so that an abort reaches what it started, too. */
export const runCommand: RunCommand = async ([file, ...args], options) => {
  if (options.signal?.aborted) {
    throw new ImageBuildError(`${options.doing} was cancelled.`, {
      lastLines: [],
    });
  }
  const child = spawn(file, args, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  const stdout: string[] = [];
  const read = (stream: NodeJS.ReadableStream, keep?: string[]) =>
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', line => {
      keep?.push(line);
      lines.push(line);
      if (lines.length > KEPT_LINES) {
        lines.shift();
      }
      if (keep && keep.length > KEPT_LINES) {
        keep.shift();
      }
      options.onLine?.(line);
    });
  read(child.stdout, stdout);
  read(child.stderr);

  let ended: 'cancelled' | 'timeout' | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  const killGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) {
        process.kill(-child.pid, signal);
      }
    } catch {
      // The group is gone already.
    }
  };
  const end = (why: 'cancelled' | 'timeout') => {
    ended ??= why;
    killGroup('SIGTERM');
    killTimer ??= setTimeout(() => killGroup('SIGKILL'), KILL_AFTER_MS);
  };
  const onAbort = () => end('cancelled');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => end('timeout'), options.timeoutMs);

  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const lastLines = lines.filter(line => line.trim()).slice(-SHOWN_LINES);
    if (ended === 'cancelled') {
      throw new ImageBuildError(`${options.doing} was cancelled.`, {
        lastLines: [],
      });
    }
    if (ended === 'timeout') {
      const seconds = Math.round(options.timeoutMs / 1000);
      throw new ImageBuildError(
        `${options.doing} took longer than ${seconds} s and was ended.`,
        {
          step: failedStep(lines),
          lastLines,
        },
      );
    }
    if (code !== 0) {
      throw new ImageBuildError(
        `${options.doing} failed: ${file} ended with code ${code}.`,
        {
          step: failedStep(lines),
          lastLines,
        },
      );
    }
    return { stdout: stdout.join('\n') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ImageBuildError(
        `${options.doing} needs the program ${file}, which is not installed.`,
        {
          lastLines: [],
        },
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    options.signal?.removeEventListener('abort', onAbort);
  }
};
