import { join } from 'node:path';
import {
  API_SERVICE_ADDRESS,
  folders,
  INNER_API_PORT,
  METRICS_PORT,
  SERVICE_SUBNET,
} from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { kubeletDir } from './config/kubelet.ts';
import { componentKubeconfig } from './pki.ts';

export interface Component {
  name: string;
  command: string[];
  /** It gets the host's network namespace as its open file 3. */
  reachesHost?: boolean;
}

/** What scales to nothing and back needs this gate in both the API server and the controllers. */
const featureGates = '--feature-gates=HPAScaleToZero=true';

/** Every process of a cluster. `bin` is the folder of our binaries. */
export function components(
  cluster: Cluster,
  bin: string,
): Record<ComponentName, Component> {
  const { etc, data, pki } = folders(cluster);
  const ours = (name: string) => join(bin, name);
  const node = cluster.nodeAddress;
  const [lowPort, highPort] = cluster.ports.nodePorts;
  const { apiServer, registry } = cluster.ports;
  const own = (client: Parameters<typeof componentKubeconfig>[1]) => {
    const file = componentKubeconfig(cluster, client);
    return [
      `--kubeconfig=${file}`,
      `--authentication-kubeconfig=${file}`,
      `--authorization-kubeconfig=${file}`,
    ];
  };
  return named({
    forward: [
      ours('forward'),
      ...['-host-netns', '/proc/self/fd/3'],
      `127.0.0.1:${apiServer}=${node}:${INNER_API_PORT}`,
      `127.0.0.1:${registry}=127.0.0.1:${registry}`,
      `127.0.0.1:${lowPort}-${highPort}=${node}:${lowPort}-${highPort}`,
    ],
    etcd: [
      ours('etcd'),
      `--data-dir=${join(data, 'etcd')}`,
      '--listen-client-urls=http://127.0.0.1:2379',
      '--advertise-client-urls=http://127.0.0.1:2379',
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
    ],
    containerd: ['containerd', '--config', join(etc, 'containerd.toml')],
    registry: ['docker-registry', 'serve', join(etc, 'registry.yaml')],
    'kube-apiserver': [
      ours('kube-apiserver'),
      '--etcd-servers=http://127.0.0.1:2379',
      `--bind-address=${node}`,
      `--advertise-address=${node}`,
      `--secure-port=${INNER_API_PORT}`,
      `--service-cluster-ip-range=${SERVICE_SUBNET}`,
      `--service-node-port-range=${lowPort}-${highPort}`,
      `--client-ca-file=${pki}/ca.crt`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
      `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${pki}/sa.pub`,
      `--service-account-signing-key-file=${pki}/sa.key`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      '--enable-aggregator-routing=true',
      `--requestheader-client-ca-file=${pki}/ca.crt`,
      '--requestheader-allowed-names=front-proxy',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${pki}/front-proxy.crt`,
      `--proxy-client-key-file=${pki}/front-proxy.key`,
      '--profiling=false',
      featureGates,
    ],
    'kube-controller-manager': [
      ours('kube-controller-manager'),
      ...own('controller-manager'),
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${pki}/sa.key`,
      `--root-ca-file=${pki}/ca.crt`,
      '--bind-address=127.0.0.1',
      '--leader-elect=false',
      `--flex-volume-plugin-dir=${join(data, 'volume-plugins')}`,
      '--horizontal-pod-autoscaler-sync-period=5s',
      // The controllers' first look around takes more requests than the defaults allow at once.
      '--kube-api-qps=100',
      '--kube-api-burst=200',
      featureGates,
    ],
    'kube-scheduler': [
      ours('kube-scheduler'),
      ...own('scheduler'),
      '--bind-address=127.0.0.1',
      '--leader-elect=false',
    ],
    kubelet: [
      ours('kubelet'),
      `--config=${join(etc, 'kubelet.yaml')}`,
      `--kubeconfig=${componentKubeconfig(cluster, 'kubelet')}`,
      `--hostname-override=${cluster.nodeName}`,
      `--node-ip=${node}`,
      `--root-dir=${kubeletDir(cluster)}`,
      `--cert-dir=${pki}`,
    ],
    'kube-proxy': [
      ours('kube-proxy'),
      `--config=${join(etc, 'kube-proxy.yaml')}`,
      `--hostname-override=${cluster.nodeName}`,
    ],
    coredns: [ours('coredns'), '-conf', join(etc, 'Corefile')],
    'metrics-server': [
      ours('metrics-server'),
      ...own('metrics-server'),
      `--bind-address=${node}`,
      `--secure-port=${METRICS_PORT}`,
      `--tls-cert-file=${pki}/metrics-server-server.crt`,
      `--tls-private-key-file=${pki}/metrics-server-server.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      '--kubelet-preferred-address-types=InternalIP',
      '--metric-resolution=10s',
      // Must be shorter than the resolution, which its default is not.
      '--kubelet-request-timeout=5s',
    ],
  });
}

/** In the order of their start. */
export const componentNames = [
  'forward',
  'etcd',
  'containerd',
  'registry',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
  'metrics-server',
] as const;

export type ComponentName = (typeof componentNames)[number];

function named(
  commands: Record<ComponentName, string[]>,
): Record<ComponentName, Component> {
  const entries = Object.entries(commands).map(([name, command]) => [
    name,
    { name, command, reachesHost: name === 'forward' },
  ]);
  return Object.fromEntries(entries);
}

/** Proxy settings would send the components' own talk out of the house: only pulls may use them. */
export function environmentOf(
  component: string,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const isProxy = (key: string) => /^(https?|all|no)_proxy$/i.test(key);
  const plain = Object.fromEntries(
    Object.entries(env).filter(([key]) => !isProxy(key)),
  );
  delete plain.KUBECONFIG;
  const proxies = Object.entries(env).filter(([key]) => isProxy(key));
  if (component !== 'containerd' || proxies.length === 0) {
    return plain;
  }
  const except = [
    env.NO_PROXY ?? env.no_proxy,
    '127.0.0.1',
    'localhost',
    API_SERVICE_ADDRESS,
  ];
  return {
    ...plain,
    ...Object.fromEntries(proxies),
    NO_PROXY: except.filter(Boolean).join(','),
  };
}
