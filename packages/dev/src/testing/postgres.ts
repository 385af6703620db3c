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

/** PostgreSQL for tests: on loopback, in a folder that goes away with it. Returns its connection string. */
export async function startPostgres(undo: Undo): Promise<string> {
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
  undo.add('stopped PostgreSQL', () =>
    execute('pg_ctl', ['--pgdata', data, '--mode', 'fast', '--wait', 'stop']),
  );
  // Nothing here has to survive a power cut.
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=300`;
  await execute('pg_ctl', [
    '--pgdata',
    data,
    '--log',
    join(dir, 'log'),
    '--options',
    options,
    '--wait',
    'start',
  ]);
  return `postgresql://postgres@127.0.0.1:${port}`;
}
