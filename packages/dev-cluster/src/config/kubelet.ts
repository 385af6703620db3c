import { join } from 'node:path';
import {
  CLUSTER_DOMAIN,
  containerdSocket,
  DNS_SERVICE_ADDRESS,
  folders,
} from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { podCgroup } from '../cgroups.ts';

export const kubeletDir = (cluster: Cluster) =>
  join(folders(cluster).data, 'kubelet');
export const podLogDir = (cluster: Cluster) =>
  join(folders(cluster).log, 'pods');
export const resolvConf = (cluster: Cluster) =>
  join(folders(cluster).etc, 'resolv.conf');

export function renderKubelet(cluster: Cluster): string {
  const { pki, data } = folders(cluster);
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: cluster.nodeAddress,
    healthzBindAddress: '127.0.0.1',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, 'kubelet-server.crt'),
    tlsPrivateKeyFile: join(pki, 'kubelet-server.key'),
    containerRuntimeEndpoint: `unix://${containerdSocket(cluster)}`,
    podLogsDir: podLogDir(cluster),
    volumePluginDir: join(data, 'volume-plugins'),
    clusterDNS: [DNS_SERVICE_ADDRESS],
    clusterDomain: CLUSTER_DOMAIN,
    resolvConf: resolvConf(cluster),
    cgroupDriver: 'cgroupfs',
    // Two kubelets that shared a cgroup would remove each other's pods.
    cgroupRoot: podCgroup(cluster),
    failCgroupV1: false,
    failSwapOn: false,
    serializeImagePulls: false,
    // A changed ConfigMap reaches its pods in seconds instead of a minute and more.
    syncFrequency: '10s',
    // The node shares its disk with everything else here: never throw images away, and
    // evict pods only when the machine itself is about to fail.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'imagefs.available': '1%',
      'nodefs.available': '1%',
      'memory.available': '100Mi',
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
