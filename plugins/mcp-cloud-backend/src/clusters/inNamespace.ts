import type { Cluster, ClusterConnection } from './types';

/** The cluster as a server that lives in this namespace sees it. */
export function inNamespace(
  cluster: Cluster,
  namespace: string,
): ClusterConnection {
  return {
    name: cluster.name,
    title: cluster.title,
    namespaces: cluster.namespaces,
    namespace,
    api: cluster.api,
    apiHosts: cluster.apiHosts,
    health: () => cluster.health(),
    settledHealth: () => cluster.settledHealth(),
    observe: server => cluster.observe(server),
    serverIds: () => cluster.serverIds(),
    objects: () => cluster.objects(),
    noteBridge: (...args) => cluster.noteBridge(...args),
  };
}
