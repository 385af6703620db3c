import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PortForward,
} from '@kubernetes/client-node';
import { adminKubeconfig, namespace } from './surroundings.ts';

const config = new KubeConfig();
config.loadFromFile(adminKubeconfig);
const core = config.makeApiClient(CoreV1Api);
const objects = KubernetesObjectApi.makeApiClient(config);

/** Label on every object of a server; the value is the server's id. */
const selector = (serverId: string) => `mcp-cloud.io/server=${serverId}`;

/** Names of the pods that are not on their way out. */
export async function podsOf(serverId: string): Promise<string[]> {
  const { items } = await core.listNamespacedPod({
    namespace,
    labelSelector: selector(serverId),
  });
  return items
    .filter(pod => !pod.metadata?.deletionTimestamp)
    .map(pod => pod.metadata?.name ?? '');
}

/** Ends a pod as an accident would, past the portal. */
export async function killPod(name: string): Promise<void> {
  await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
}

const kinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'ServiceAccount'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget'],
];

/** Everything in the cluster that bears a server's label, as `Kind/name`. */
export async function objectsOf(serverId: string): Promise<string[]> {
  const found: string[] = [];
  for (const [apiVersion, kind] of kinds) {
    const list = await objects.list(
      apiVersion,
      kind,
      namespace,
      undefined,
      undefined,
      undefined,
      undefined,
      selector(serverId),
    );
    found.push(...list.items.map(item => `${kind}/${item.metadata?.name}`));
  }
  return found;
}

/** Until nothing of a server is left; what the cluster collects by itself takes a moment. */
export async function untilNothingIsLeft(serverId: string): Promise<string[]> {
  let left = await objectsOf(serverId);
  for (let i = 0; i < 60 && left.length > 0; i++) {
    await sleep(500);
    left = await objectsOf(serverId);
  }
  return left;
}

/** A way from this machine to a server's own port, past the portal. Returns its address. */
export async function forward(
  serverId: string,
): Promise<{ url: string; close: () => void }> {
  const [pod] = await podsOf(serverId);
  const tunnel = new PortForward(config);
  const server = createServer(socket => {
    socket.on('error', () => {});
    tunnel
      .portForward(namespace, pod, [8080], socket, null, socket)
      .catch(() => socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, close: () => server.close() };
}
