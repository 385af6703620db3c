import { inNamespace } from './inNamespace';
import type { ClusterConnection, Clusters } from './types';

/** The cluster of a server, as that server sees it. Throws as `Clusters.get` does. */
export function clusterOf(
  clusters: Clusters,
  server: { cluster: string; namespace: string },
): ClusterConnection {
  return inNamespace(clusters.get(server.cluster), server.namespace);
}
