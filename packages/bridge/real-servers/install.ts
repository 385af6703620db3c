import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

const run = promisify(execFile);
/** What servers depend on is of this time too: a newer release of a library is no difference of the bridge. */
const RELEASED_BEFORE = '2026-11-21T00:00:00Z';

const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'mcp-cloud',
  'real-servers',
);

function folderOf({ package: name, version }: Server): string {
  return join(cache, `${name.replace('@', '').replace('/', '-')}-${version}`);
}

async function installNpm(folder: string, wanted: string[]): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  await run(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--before',
      RELEASED_BEFORE,
      ...wanted,
    ],
    { cwd: folder },
  );
}

/** uv takes seconds where pip takes a minute. */
async function uv(): Promise<string> {
  const bin = join(cache, 'uv', 'bin');
  if (!existsSync(join(bin, 'uv'))) {
    await run('python3', ['-m', 'venv', dirname(bin)]);
    await run(join(bin, 'pip'), ['install', '--quiet', 'uv']);
  }
  return join(bin, 'uv');
}

async function installPypi(folder: string, wanted: string[]): Promise<void> {
  const program = await uv();
  const python = join(folder, 'bin', 'python');
  await run(program, ['venv', '--clear', '--python', 'python3', folder]);
  await run(program, [
    'pip',
    'install',
    '--python',
    python,
    '--compile-bytecode',
    '--exclude-newer',
    RELEASED_BEFORE,
    ...wanted,
  ]);
}

/** Installs a server beside the checkout, once. @returns the path of its command */
export async function install(server: Server): Promise<string> {
  const folder = folderOf(server);
  const complete = join(folder, '.complete');
  const releases = Object.entries({
    [server.package]: server.version,
    ...server.with,
  });
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    if (server.registry === 'npm') {
      const wanted = releases.map(([name, version]) => `${name}@${version}`);
      await installNpm(folder, wanted);
    } else {
      const wanted = releases.map(([name, version]) => `${name}==${version}`);
      await installPypi(folder, wanted);
    }
    writeFileSync(complete, '');
  }
  return server.registry === 'npm'
    ? join(folder, 'node_modules', '.bin', server.bin)
    : join(folder, 'bin', server.bin);
}
