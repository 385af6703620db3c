import { join } from 'node:path';

/** Everything about a cluster that follows from its name, its index and its state directory. */
export interface Cluster {
  name: string;
  index: number;
  stateDir: string;
  /** The network namespace; also the kubeconfig's context and the cgroup. */
  id: string;
  nodeName: string;
  /** The bridge that pods hang on. Its address is the node's, and the API server's and DNS's. */
  bridge: string;
  nodeAddress: string;
  podSubnet: string;
  /** The pair of interfaces that joins the namespace to the host. */
  link: {
    host: string;
    hostAddress: string;
    address: string;
    prefix: number;
    subnet: string;
  };
  ports: {
    apiServer: number;
    registry: number;
    nodePorts: [number, number];
    /** Of Envoy, where the add-on for ingress runs. */
    ingressHttp: number;
    ingressHttps: number;
  };
}

export interface ClusterInfo {
  name: string;
  kubeconfig: string;
  context: string;
  apiServer: string;
  registry: string;
  nodePortRange: [number, number];
  /** Where Ingresses and HTTPRoutes are reached, for hosts under `dev.localhost`, when the add-on runs. */
  ingress: { http: string; https: string };
  stateDir: string;
}

/** How many clusters fit side by side; their NodePorts stay below the ports systems hand out. */
export const MAX_CLUSTERS = 20;

export const DEFAULT_NAME = 'dev';

export const SERVICE_SUBNET = '10.96.0.0/16';
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';

/** The API server's port on the cluster's bridge; the host has another one for each cluster. */
export const INNER_API_PORT = 6443;
export const METRICS_PORT = 4443;

export function checkName(name: string): string {
  if (!/^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `"${name}" cannot name a cluster: small letters, digits and inner hyphens, at most 20, beginning with a letter`,
    );
  }
  return name;
}

export function describeCluster(
  name: string,
  index: number,
  clusters: string,
): Cluster {
  checkName(name);
  if (!Number.isInteger(index) || index < 0 || index >= MAX_CLUSTERS) {
    throw new Error(
      `a cluster's index is 0 to ${MAX_CLUSTERS - 1}, not ${index}`,
    );
  }
  const firstNodePort = 30000 + 100 * index;
  return {
    name,
    index,
    stateDir: join(clusters, name),
    id: `mcp-${name}`,
    nodeName: 'node',
    bridge: 'mcp0',
    nodeAddress: `10.244.${index}.1`,
    podSubnet: `10.244.${index}.0/24`,
    link: {
      host: `mcplink${index}`,
      hostAddress: `10.243.${index}.1`,
      address: `10.243.${index}.2`,
      prefix: 30,
      subnet: `10.243.${index}.0/30`,
    },
    ports: {
      apiServer: 16443 + index,
      registry: 5001 + index,
      nodePorts: [firstNodePort, firstNodePort + 49],
      ingressHttp: 17080 + index,
      ingressHttps: 17443 + index,
    },
  };
}

export function infoOf(cluster: Cluster): ClusterInfo {
  return {
    name: cluster.name,
    kubeconfig: kubeconfigPath(cluster),
    context: cluster.id,
    apiServer: `https://127.0.0.1:${cluster.ports.apiServer}`,
    registry: `127.0.0.1:${cluster.ports.registry}`,
    nodePortRange: cluster.ports.nodePorts,
    ingress: {
      http: `http://127.0.0.1:${cluster.ports.ingressHttp}`,
      https: `https://127.0.0.1:${cluster.ports.ingressHttps}`,
    },
    stateDir: cluster.stateDir,
  };
}

export function kubeconfigPath(cluster: Cluster): string {
  return join(cluster.stateDir, 'kubeconfig');
}
export const namespacePath = (cluster: Cluster) => `/run/netns/${cluster.id}`;

/** Every port of the host that a cluster takes. */
export function hostPorts({ ports }: Cluster): number[] {
  const { apiServer, registry, ingressHttp, ingressHttps } = ports;
  const [low, high] = ports.nodePorts;
  const nodePorts = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return [apiServer, registry, ingressHttp, ingressHttps, ...nodePorts];
}

/** The folders of a cluster's state. `run` lasts as long as the processes, `data` over a stop. */
export const folders = (cluster: Cluster) => ({
  etc: join(cluster.stateDir, 'etc'),
  pki: join(cluster.stateDir, 'pki'),
  data: join(cluster.stateDir, 'data'),
  run: join(cluster.stateDir, 'run'),
  log: join(cluster.stateDir, 'log'),
});

export const containerdSocket = (cluster: Cluster) =>
  join(folders(cluster).run, 'containerd.sock');
export const pidFile = (cluster: Cluster, component: string) =>
  join(folders(cluster).run, `${component}.pid`);
export const logFile = (cluster: Cluster, component: string) =>
  join(folders(cluster).log, `${component}.log`);
