import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findGo } from '../../packages/dev-cluster/src/toolchain.ts';
import { hashOf } from './hash.ts';
import { run, step } from './steps.ts';

/** Architectures that the agent is built for, in Go's words. */
const ARCHITECTURES = ['amd64', 'arm64'];

const sources = join(import.meta.dirname, '..', 'agent');
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'mcp-cloud',
  'agent',
);

/** The agent's programs, built unless they are kept from the last time: `mcp-agent-amd64` and `mcp-agent-arm64`. */
export interface AgentPrograms {
  readonly dir: string;
  /** Hash (hex) of the sources. */
  readonly hash: string;
}

/** What an architecture is called in Go and in images. @param arch as Node calls it */
export function architecture(arch: string = process.arch): string {
  return arch === 'x64' ? 'amd64' : arch;
}

export async function ensureAgent(): Promise<AgentPrograms> {
  const hash = hashOf([], sources, ['.']);
  const dir = join(cache, hash.slice(0, 16));
  if (existsSync(dir)) return { dir, hash };
  const temporary = `${dir}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  try {
    await step('build of the agent', async () => {
      const go = await findGo();
      for (const arch of ARCHITECTURES) await build(go, arch, temporary);
    });
    // Only a finished build gets the name that others look for.
    renameSync(temporary, dir);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(dir)) throw error; // somebody else was quicker
  }
  return { dir, hash };
}

async function build(go: string, arch: string, dir: string): Promise<void> {
  const output = join(dir, `mcp-agent-${arch}`);
  await run(
    go,
    [
      ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
      ...['-o', output, '.'],
    ],
    {
      cwd: sources,
      env: {
        CGO_ENABLED: '0',
        GOOS: 'linux',
        GOARCH: arch,
        GOTOOLCHAIN: 'local',
        GOFLAGS: '',
      },
    },
  );
}
