import { spawn } from 'node:child_process';
import { run, tryRun } from '../system/exec.ts';
import { until } from '../system/wait.ts';

const namespace = 'drill-outside';
const link = 'drilloutside';
const address = '198.51.100.2';

/**
 * A web server in a network of its own that has no way back to any cluster: whoever gets an answer
 * from it has come through the host's address translation. It needs no internet.
 */
export async function withOutsideServer<T>(
  work: (url: string) => Promise<T>,
): Promise<T> {
  await remove();
  await run('ip', ['netns', 'add', namespace]);
  const program = `require('http').createServer((q, r) => r.end(q.socket.remoteAddress)).listen(8080, '${address}')`;
  await run('ip', [
    'link',
    'add',
    link,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  ]);
  await run('ip', ['address', 'add', '198.51.100.1/30', 'dev', link]);
  await run('ip', ['link', 'set', link, 'up']);
  await run('ip', [
    '-n',
    namespace,
    'address',
    'add',
    `${address}/30`,
    'dev',
    'eth0',
  ]);
  await run('ip', ['-n', namespace, 'link', 'set', 'eth0', 'up']);
  const server = spawn('nsenter', [
    `--net=/run/netns/${namespace}`,
    process.execPath,
    '-e',
    program,
  ]);
  try {
    const url = `http://${address}:8080/`;
    await until('the outside server', async () => (await fetch(url)).ok, {
      seconds: 10,
    });
    return await work(url);
  } finally {
    server.kill('SIGKILL');
    await remove();
  }
}

async function remove(): Promise<void> {
  await tryRun('ip', ['link', 'delete', link]);
  await tryRun('ip', ['netns', 'delete', namespace]);
}
