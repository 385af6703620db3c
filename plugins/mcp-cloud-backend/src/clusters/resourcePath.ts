import type { ObjectKey } from '../delivery/types';

/** Kinds that we read or write, with their plural in addresses. */
const PLURALS: Record<string, string> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Event: 'events',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  HTTPRoute: 'httproutes',
  Ingress: 'ingresses',
  LimitRange: 'limitranges',
  Namespace: 'namespaces',
  NetworkPolicy: 'networkpolicies',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Pod: 'pods',
  PodDisruptionBudget: 'poddisruptionbudgets',
  PodMonitor: 'podmonitors',
  ReplicaSet: 'replicasets',
  ResourceQuota: 'resourcequotas',
  RoleBinding: 'rolebindings',
  Secret: 'secrets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  VerticalPodAutoscaler: 'verticalpodautoscalers',
};

/**
 * Address of a collection: of one namespace, or without one of the whole cluster. Throws for a kind that is not in the
 * table.
 */
export function collectionPath(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
): string {
  const plural = PLURALS[kind];
  if (!plural) {
    throw new Error(`Objects of kind ${kind} are not known here.`);
  }
  const root = apiVersion.includes('/')
    ? `/apis/${apiVersion}`
    : `/api/${apiVersion}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** Address of one object. */
export function objectPath(key: ObjectKey): string {
  return `${collectionPath(
    key.apiVersion,
    key.kind,
    key.namespace,
  )}/${encodeURIComponent(key.name)}`;
}
