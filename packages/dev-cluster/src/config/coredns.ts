import { CLUSTER_DOMAIN } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { componentKubeconfig } from '../pki.ts';
import type { Resolvers } from '../resolvers.ts';

export function renderCorefile(
  cluster: Cluster,
  { upstream, local }: Resolvers,
): string {
  const lines = [
    // The machine's own loopback resolver does not exist in here; containerd asks it all the same.
    `bind ${[cluster.nodeAddress, ...local].join(' ')}`,
    'errors',
    'ready 127.0.0.1:8181',
    'cache 10',
    `kubernetes ${CLUSTER_DOMAIN} in-addr.arpa {`,
    `    kubeconfig ${JSON.stringify(componentKubeconfig(cluster, 'coredns'))}`,
    '    pods insecure',
    '    fallthrough in-addr.arpa',
    '}',
    ...(upstream.length > 0 ? [`forward . ${upstream.join(' ')}`] : []),
  ];
  return `.:53 {\n${lines.map(line => `    ${line}\n`).join('')}}\n`;
}
