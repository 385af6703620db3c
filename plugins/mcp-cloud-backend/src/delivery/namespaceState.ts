import type { ClusterConnection } from '../clusters/types';
import { FENCE_NAME } from '../manifests/renderNamespace';
import { readObject } from './liveObject';
import { readNamespace } from './readNamespace';

/**
 * How far the namespace of a server is: `unbound` is one that is there but in which the backend has no rights yet. One
 * that the platform's operators made is always `ready` here: whether it is there shows when it is used.
 */
export async function namespaceState(
  cluster: ClusterConnection,
): Promise<'missing' | 'unbound' | 'ready'> {
  const { namespace, namespaces } = cluster;
  if (!namespaces.settingsOf(namespace)) {
    return 'ready';
  }
  const binding = await readObject(cluster, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    namespace,
    name: FENCE_NAME,
  });
  if (binding) {
    return 'ready';
  }
  return (await readNamespace(cluster)) ? 'unbound' : 'missing';
}
