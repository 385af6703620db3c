import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import type { ClusterConnection } from '../clusters/types';
import { POD_MONITOR_API, wantsPodMonitor } from '../manifests/podMonitor';
import { VERTICAL_AUTOSCALER_API } from '../manifests/verticalAutoscaler';
import { UnsupportedError } from './errors';
import type { PlatformRules } from './platformRules';
import { checkReferences } from './references';

/** Kinds that not every cluster has, and who asks for them. */
const OPTIONAL = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    field: 'exposure.via',
    isWanted: ({ exposure }: ServerSpec) => exposure?.via === 'httpRoute',
    cure: "Use ingress, or ask the platform's operators for the Gateway API.",
  },
  {
    apiVersion: VERTICAL_AUTOSCALER_API,
    kind: 'VerticalPodAutoscaler',
    field: 'verticalScaling',
    isWanted: ({ verticalScaling }: ServerSpec) => Boolean(verticalScaling),
    cure: "Leave it out, or ask the platform's operators for the Vertical Pod Autoscaler.",
  },
  {
    apiVersion: POD_MONITOR_API,
    kind: 'PodMonitor',
    field: 'podMonitor',
    isWanted: wantsPodMonitor,
    cure: "Set it to false, or ask the platform's operators for the Prometheus Operator.",
  },
];

/**
 * Refuses a Spec that its cluster cannot serve: what it names is not there for its owner, or the cluster has no API for
 * what it wants. Throws `KubeApiError` when the cluster is not reached.
 */
export async function checkInCluster(
  cluster: ClusterConnection,
  spec: ServerSpec,
  rules: PlatformRules,
): Promise<void> {
  await checkReferences(cluster, spec);
  for (const { apiVersion, kind, field, isWanted, cure } of OPTIONAL) {
    if (isWanted(spec, rules) && !(await hasApi(cluster, apiVersion, kind))) {
      throw new UnsupportedError(
        `${field}: the cluster ${cluster.name} has no ${kind}s (${apiVersion}). ${cure}`,
      );
    }
  }
}

/** The same for a request, which a cluster that is away does not hold up: the deploy itself checks again. */
export async function checkIfReached(
  cluster: ClusterConnection,
  spec: ServerSpec,
  rules: PlatformRules,
): Promise<void> {
  try {
    await checkInCluster(cluster, spec, rules);
  } catch (error) {
    if (!(error instanceof KubeApiError && error.unreachable)) {
      throw error;
    }
  }
}

async function hasApi(
  { api }: ClusterConnection,
  apiVersion: string,
  wanted: string,
): Promise<boolean> {
  try {
    const { resources } = await api.json<{
      resources: Array<{ kind: string }>;
    }>({ method: 'GET', path: `/apis/${apiVersion}` });
    return resources.some(({ kind }) => kind === wanted);
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) {
      return false;
    }
    throw error;
  }
}
