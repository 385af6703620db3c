import { spawn } from 'node:child_process';

/** Prints steps with their times on stderr, so that stdout stays for the result. */
export async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const result = await run();
    process.stderr.write(`  ok    ${name} (${seconds()})\n`);
    return result;
  } catch (error) {
    process.stderr.write(`  fail  ${name} (${seconds()})\n`);
    throw error;
  }
}

/** A program that ended with a code other than 0; the message has the end of what it printed. */
export class CommandError extends Error {}

/** Runs a program to its end. @returns its stdout. @throws CommandError */
export function run(
  file: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let all = '';
    child.stdout.on('data', data => {
      out += data;
      all += data;
    });
    child.stderr.on('data', data => {
      all += data;
    });
    child.on('error', error =>
      reject(new CommandError(`${file} cannot be run: ${error.message}`)),
    );
    child.on('close', code => {
      if (code === 0) resolve(out.trim());
      else
        reject(
          new CommandError(
            `${file} ${args[0] ?? ''} ended with code ${code}:\n${all
              .trim()
              .slice(-4000)}`,
          ),
        );
    });
  });
}

/** Whether a program is on the PATH and answers. */
export async function works(
  file: string,
  args: readonly string[],
): Promise<boolean> {
  try {
    await run(file, args);
    return true;
  } catch {
    return false;
  }
}
