import { spawn, type ChildProcess } from 'node:child_process';
import { signalGroup } from './processes.ts';

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Fed to the command's standard input. */
  input?: string;
  seconds?: number;
  /** Lets the person see what the command writes to standard error while it runs. */
  show?: boolean;
  /** Lets the person see all of it. */
  showAll?: boolean;
  /** Exit codes that are no failure, beside 0. */
  allow?: number[];
}

const children = new Set<ChildProcess>();

/** Ends every command that still runs, with all that it started. For when we are interrupted. */
export function endCommands(): void {
  for (const child of children) {
    end(child, 'SIGTERM');
  }
}

function end(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined) {
    signalGroup(child.pid, name);
  }
}

/** Runs a command to its end and returns what it wrote to standard output; fails with its last words. */
export function run(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const {
    cwd,
    env = process.env,
    input,
    seconds = 60,
    show = false,
    showAll = false,
    allow = [],
  } = options;
  return new Promise((resolve, reject) => {
    // In a group of its own an interrupt at the terminal reaches us alone, and we decide in which order things end.
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let tail = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), 10_000).unref();
    }, seconds * 1000);
    const remember = (text: string) => {
      tail = (tail + text).slice(-4000);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      remember(text);
      if (showAll) process.stderr.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      remember(text);
      if (show || showAll) process.stderr.write(text);
    });
    child.stdin.on('error', () => {}); // a command need not read what it is fed
    child.stdin.end(input ?? '');
    child.on('error', error => {
      clearTimeout(timer);
      children.delete(child);
      reject(new Error(`${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      if (code === 0 || (code !== null && allow.includes(code))) {
        resolve(stdout);
        return;
      }
      const why = late
        ? `took longer than ${seconds} s`
        : `ended with ${signal ?? code}`;
      const words = show || showAll ? '' : `\n${tail.trim()}`;
      reject(
        new Error(
          `${[command, ...args].join(' ').slice(0, 300)}: ${why}${words}`,
        ),
      );
    });
  });
}

/** As `run`, for commands whose failure is an answer too. */
export async function tryRun(
  command: string,
  args: string[],
  options?: RunOptions,
): Promise<string | undefined> {
  try {
    return await run(command, args, options);
  } catch {
    return undefined;
  }
}

/** Runs a Node program of this checkout. */
export const runNode = (args: string[], options?: RunOptions) =>
  run(process.execPath, args, options);

/** The last line of an output, which for our own programs with `--json` is the result. */
export function lastJson<T>(output: string): T {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(
      `expected JSON in the last line, not: ${line.slice(0, 300)}`,
    );
  }
}
