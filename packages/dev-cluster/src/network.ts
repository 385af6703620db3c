import { existsSync, readFileSync } from 'node:fs';
import { namespacePath } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { run, tryRun } from './system/exec.ts';
import { until } from './system/wait.ts';

/** The mark by which our rules on the host are known. */
const comment = (cluster: Cluster) => `mcp-cloud-${cluster.name}`;

/** Runs a command inside the cluster's network, with the machine's own files and cgroups. */
export const inside = (cluster: Cluster, command: string, ...args: string[]) =>
  run('nsenter', [`--net=${namespacePath(cluster)}`, '--', command, ...args]);

/** The size of packets that leave the machine; the cluster's must not be larger. */
export async function outerMtu(): Promise<number> {
  const routes = JSON.parse(
    (await tryRun('ip', ['-json', '-4', 'route', 'show', 'default'])) || '[]',
  );
  const file = `/sys/class/net/${routes[0]?.dev}/mtu`;
  return existsSync(file)
    ? Math.min(1500, Number(readFileSync(file, 'utf8')))
    : 1500;
}

/** Makes the namespace with its bridge, joins it to the host, and lets it out through NAT. */
export async function makeNetwork(
  cluster: Cluster,
  mtu: number,
): Promise<void> {
  const { id, bridge, link, nodeAddress } = cluster;
  const ip = (...args: string[]) => run('ip', args);
  const innerIp = (...args: string[]) => inside(cluster, 'ip', ...args);
  await ip('netns', 'add', id);
  await innerIp('link', 'set', 'lo', 'up');
  await inside(cluster, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await innerIp('link', 'add', bridge, 'type', 'bridge');
  // Else the bridge takes on the address of whichever pod came first, and changes it with them.
  const hex = nodeAddress
    .split('.')
    .map(part => Number(part).toString(16).padStart(2, '0'));
  await innerIp(
    'link',
    'set',
    bridge,
    'address',
    `0a:58:${hex.join(':')}`,
    'mtu',
    `${mtu}`,
    'up',
  );
  await innerIp('address', 'add', `${nodeAddress}/24`, 'dev', bridge);
  await ip(
    'link',
    'add',
    link.host,
    'mtu',
    `${mtu}`,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'mtu',
    `${mtu}`,
    'netns',
    id,
  );
  await ip(
    'address',
    'add',
    `${link.hostAddress}/${link.prefix}`,
    'dev',
    link.host,
  );
  await ip('link', 'set', link.host, 'up');
  await innerIp(
    'address',
    'add',
    `${link.address}/${link.prefix}`,
    'dev',
    'eth0',
  );
  await innerIp('link', 'set', 'eth0', 'up');
  await innerIp('route', 'add', 'default', 'via', link.hostAddress);
  const policy = await run('iptables', ['-w', '-S', 'FORWARD']);
  for (const rule of hostRules(cluster, policy.includes('-P FORWARD DROP'))) {
    await run('iptables', ['-w', ...rule]);
  }
}

/** The rules a cluster needs on the host, as arguments of iptables. */
export function hostRules(
  cluster: Cluster,
  forwardIsDropped: boolean,
): string[][] {
  const { host, subnet } = cluster.link;
  const marked = ['-m', 'comment', '--comment', comment(cluster)];
  const nat = [
    '-t',
    'nat',
    '-A',
    'POSTROUTING',
    '-s',
    subnet,
    '!',
    '-o',
    host,
    ...marked,
    '-j',
    'MASQUERADE',
  ];
  const accept = (direction: string) => [
    '-I',
    'FORWARD',
    direction,
    host,
    ...marked,
    '-j',
    'ACCEPT',
  ];
  return forwardIsDropped ? [nat, accept('-i'), accept('-o')] : [nat];
}

/** Finds a cluster's rules in what iptables-save prints, as the arguments that delete them. */
export function rulesToDelete(saved: string, mark: string): string[][] {
  const deletions: string[][] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
    }
    // A mark is one word, so quotes around it say nothing; iptables wants it without.
    const words = line.split(' ').map(word => word.replace(/^"(.*)"$/, '$1'));
    const at = words.indexOf('--comment');
    if (words[0] === '-A' && at > 0 && words[at + 1] === mark) {
      deletions.push(['-t', table, '-D', ...words.slice(1)]);
    }
  }
  return deletions;
}

/** Takes the network away, as far as it is there. */
export async function removeNetwork(cluster: Cluster): Promise<void> {
  const saved = (await tryRun('iptables-save', [])) ?? '';
  for (const rule of rulesToDelete(saved, comment(cluster))) {
    await run('iptables', ['-w', ...rule]);
  }
  if (existsSync(namespacePath(cluster))) {
    // The link ends with the namespace, but only some time later, when its name may be wanted
    // again. Without the namespace, a link of this name is another cluster's.
    await tryRun('ip', ['link', 'delete', cluster.link.host]);
    // The kernel keeps a namespace busy for a moment after its last process.
    await until(
      `removing the network namespace ${cluster.id}`,
      async () =>
        (await run('ip', ['netns', 'delete', cluster.id])) !== undefined,
      { seconds: 10 },
    );
  }
}

/** Processes that are in the namespace, whoever started them. */
export async function processesInside(cluster: Cluster): Promise<number[]> {
  const printed = (await tryRun('ip', ['netns', 'pids', cluster.id])) ?? '';
  return printed
    .split('\n')
    .map(Number)
    .filter(pid => pid > 0);
}
