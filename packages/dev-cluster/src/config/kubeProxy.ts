import type { Cluster } from '../cluster.ts';
import { componentKubeconfig } from '../pki.ts';

export function renderKubeProxy(
  cluster: Cluster,
  hasBridgeFilter: boolean,
): string {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: {
      kubeconfig: componentKubeconfig(cluster, 'kube-proxy'),
    },
    mode: 'iptables',
    clusterCIDR: cluster.podSubnet,
    // NodePorts answer on the bridge alone; `forward` brings them to the host's loopback.
    nodePortAddresses: [`${cluster.nodeAddress}/32`],
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // Answers between two pods of the bridge bypass the rules when the kernel cannot filter
    // bridges; masquerading makes them come back through the node.
    iptables: { masqueradeAll: !hasBridgeFilter },
    // These are settings of the whole machine: left as they are.
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
