import { execFileSync, spawn } from 'node:child_process';

/** Where the cluster's end of the link is. It needs no way to get there, only one to answer. */
const NEAR = '192.0.2.1';
const FAR = '192.0.2.2';
const OUTSIDE = 'mcp-outside';
const LINK = 'outside0';

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });

/**
 * A network outside of the cluster whose addresses play others, such as the internet's: only this cluster has a way to
 * them, so nothing of the machine changes. For tests with the embedded cluster, whose network has a name on this machine.
 */
export async function outsideNetwork(addresses: string[], ports: number[]) {
  const cluster = process.env.MCP_CLOUD_TEST_NETWORK;
  if (!cluster) {
    throw new Error(
      'Set MCP_CLOUD_TEST_NETWORK to the network namespace of an embedded cluster with the add-on network-policy.',
    );
  }
  const remove = () => {
    for (const args of [
      ['-n', cluster, 'link', 'delete', LINK],
      ['netns', 'delete', OUTSIDE],
    ]) {
      try {
        ip(...args);
      } catch {
        // Not there.
      }
    }
  };
  remove();
  ip('netns', 'add', OUTSIDE);
  ip(
    ...['-n', cluster, 'link', 'add', LINK, 'type', 'veth'],
    ...['peer', 'name', 'eth0', 'netns', OUTSIDE],
  );
  ip('-n', cluster, 'address', 'add', `${NEAR}/30`, 'dev', LINK);
  ip('-n', cluster, 'link', 'set', LINK, 'up');
  ip('-n', OUTSIDE, 'address', 'add', `${FAR}/30`, 'dev', 'eth0');
  ip('-n', OUTSIDE, 'link', 'set', 'eth0', 'up');
  for (const address of addresses) {
    ip('-n', OUTSIDE, 'address', 'add', `${address}/32`, 'dev', 'eth0');
    ip('-n', cluster, 'route', 'add', `${address}/32`, 'via', FAR);
  }
  const server = spawn('nsenter', [
    `--net=/run/netns/${OUTSIDE}`,
    process.execPath,
    '-e',
    `let left = ${ports.length};
for (const port of ${JSON.stringify(ports)}) {
  require('net').createServer(c => c.end().on('error', () => {})).listen(port, '0.0.0.0', () => --left || console.log('up'));
}`,
  ]);
  await new Promise((resolve, reject) => {
    server.stdout.once('data', resolve);
    server.once('exit', () => reject(new Error('The outside has ended.')));
  });
  return {
    remove: () => {
      server.removeAllListeners('exit');
      server.kill('SIGKILL');
      remove();
    },
  };
}
