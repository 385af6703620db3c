import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** Runs a TypeScript program of this repository by Node alone. @param path from the repository's root */
export function runScript(
  path: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const program = resolve(__dirname, '../../../..', path);
    // What Jest sets for its own modules is not for this one.
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', data => (output += data));
    child.stderr.on('data', data => (output += data));
    child.once('error', fail);
    child.once('close', code => done({ code, output }));
  });
}
