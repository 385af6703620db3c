import { KubeApiError } from '../clusters/KubeApiError';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection } from '../clusters/types';
import { isEnding, isLive } from '../status/podFacts';

/** One pod and no later one of its name. */
export interface CertainPod {
  name: string;
  uid: string;
}

/** Has Kubernetes end these pods in their own time, and replace them at once. Those that are gone already are fine. */
export async function endPods(
  cluster: ClusterConnection,
  server: { namespace: string },
  pods: CertainPod[],
): Promise<void> {
  for (const { name, uid } of pods) {
    try {
      await cluster.api.json({
        method: 'DELETE',
        path: objectPath({
          apiVersion: 'v1',
          kind: 'Pod',
          namespace: server.namespace,
          name,
        }),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid },
        },
      });
    } catch (error) {
      const isGone =
        error instanceof KubeApiError && [404, 409].includes(error.status);
      if (!isGone) {
        throw error;
      }
    }
  }
}

/** Whether the live picture still shows one of them as one that stays. */
export function areThere(
  cluster: ClusterConnection,
  server: { id: string; name: string },
  pods: CertainPod[],
): boolean {
  return cluster
    .observe(server)
    .pods.some(
      pod =>
        isLive(pod) &&
        !isEnding(pod) &&
        pods.some(({ uid }) => uid === pod.metadata?.uid),
    );
}
