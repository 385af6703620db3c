import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from '../../../dev-cluster/src/system/debianPackages.ts';
import { run } from '../../../dev-cluster/src/system/exec.ts';
import type { Undo } from '../undo.ts';

/** The newest PostgreSQL that is installed; Debian keeps its programs off the PATH. */
const findBinaries = () =>
  globSync('/usr/lib/postgresql/*/bin')
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** A PostgreSQL of our own. */
export interface Postgres {
  /** Its connection string, without a database. */
  url: string;
  /** Cuts all connections. */
  stop(): Promise<unknown>;
  /** Brings it back at the same address, with what was in it. */
  start(): Promise<unknown>;
}

/** PostgreSQL for tests: on loopback, in a folder that goes away with it. */
export async function startPostgres(undo: Undo): Promise<Postgres> {
  if (!findBinaries()) {
    await ensurePackages([
      { file: '/usr/bin/pg_lsclusters', debianPackage: 'postgresql' },
    ]);
  }
  const bin = findBinaries();
  if (!bin) {
    throw new Error('There is no PostgreSQL below /usr/lib/postgresql.');
  }
  const dir = mkdtempSync(join(tmpdir(), 'mcp-cloud-postgres-'));
  undo.add('deleted the PostgreSQL data', async () =>
    rmSync(dir, { recursive: true, force: true }),
  );
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    // PostgreSQL refuses to run as root.
    const id = async (flag: string) =>
      Number(await run('id', [flag, 'postgres']));
    chownSync(dir, await id('-u'), await id('-g'));
  }
  const execute = (program: string, args: string[]) => {
    const line = [join(bin, program), ...args];
    return asRoot
      ? run('runuser', ['-u', 'postgres', '--', ...line], { cwd: dir })
      : run(line[0], line.slice(1), { cwd: dir });
  };
  const port = await freePort();
  const data = join(dir, 'data');
  await execute('initdb', [
    '--pgdata',
    data,
    '--username',
    'postgres',
    '--auth',
    'trust',
    '--no-sync',
  ]);
  const control = (...words: string[]) =>
    execute('pg_ctl', ['--pgdata', data, '--wait', ...words]);
  // Nothing here has to survive a power cut.
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=300`;
  const start = () =>
    control('--log', join(dir, 'log'), '--options', options, 'start');
  const stop = () => control('--mode', 'fast', 'stop');
  undo.add('stopped PostgreSQL', stop);
  await start();
  return { url: `postgresql://postgres@127.0.0.1:${port}`, stop, start };
}
