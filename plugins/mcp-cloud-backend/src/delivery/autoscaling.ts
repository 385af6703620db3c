import type {
  V1Deployment,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { KubeObject } from '../clusters/types';
import type { ObjectKey } from './types';

/** Holds `replicas` from the moment that we let go of it until an autoscaler first sets it. */
export const REPLICAS_MANAGER = 'mcp-cloud-replicas';

export function isAutoscaler({ kind }: Pick<ObjectKey, 'kind'>): boolean {
  return kind === 'HorizontalPodAutoscaler';
}

/**
 * How many pods a Deployment has whose number we leave to an autoscaler: as many as now, within its bounds. Nothing
 * when we set the number ourselves. An autoscaler leaves a Deployment of no pods alone, so a start gives it the least.
 */
export function replicasLeftTo(
  objects: KubeObject[],
  deployment: KubeObject,
  live: { spec?: { replicas?: number } } | undefined,
): number | undefined {
  const autoscaler = objects.find(isAutoscaler) as unknown as
    | V2HorizontalPodAutoscaler
    | undefined;
  const { replicas } = (deployment as unknown as V1Deployment).spec!;
  if (!autoscaler || replicas !== undefined) {
    return undefined;
  }
  const { minReplicas = 1, maxReplicas } = autoscaler.spec!;
  const now = live?.spec?.replicas ?? 0;
  return Math.min(maxReplicas, Math.max(minReplicas, now));
}

/** A Deployment with the number of pods that it is left with, where there is one. */
export function withReplicas(
  object: KubeObject,
  replicas: number | undefined,
): KubeObject {
  return replicas === undefined
    ? object
    : { ...object, spec: { ...(object.spec as object), replicas } };
}
