import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import type { ClusterConnection } from '../clusters/types';
import { UnsupportedError } from './errors';
import { checkReferences } from './references';

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/**
 * Refuses a Spec that its cluster cannot serve: what it names is not there for its owner, or the cluster has no API for
 * what it wants. Throws `KubeApiError` when the cluster is not reached.
 */
export async function checkInCluster(
  cluster: ClusterConnection,
  spec: ServerSpec,
): Promise<void> {
  await checkReferences(cluster, spec);
  if (spec.exposure?.via === 'httpRoute' && !(await hasGatewayApi(cluster))) {
    throw new UnsupportedError(
      `exposure.via: the cluster ${cluster.name} has no HTTPRoutes (${GATEWAY_API}). Use ingress, or ask the platform's operators for the Gateway API.`,
    );
  }
}

/** The same for a request, which a cluster that is away does not hold up: the deploy itself checks again. */
export async function checkIfReached(
  cluster: ClusterConnection,
  spec: ServerSpec,
): Promise<void> {
  try {
    await checkInCluster(cluster, spec);
  } catch (error) {
    if (!(error instanceof KubeApiError && error.unreachable)) {
      throw error;
    }
  }
}

async function hasGatewayApi({ api }: ClusterConnection): Promise<boolean> {
  try {
    const { resources } = await api.json<{
      resources: Array<{ kind: string }>;
    }>({ method: 'GET', path: `/apis/${GATEWAY_API}` });
    return resources.some(({ kind }) => kind === 'HTTPRoute');
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) {
      return false;
    }
    throw error;
  }
}
