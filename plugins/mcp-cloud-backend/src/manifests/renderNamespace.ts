import { MANAGED_BY } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { OwnerNamespaces } from '@mcp-cloud/plugin-mcp-cloud-node';
import type { KubeObject } from '../clusters/types';

/** Name of each of the objects that fence a namespace. */
export const FENCE_NAME = 'mcp-cloud';

/** An account as a RoleBinding names it. */
export interface Account {
  kind: 'ServiceAccount' | 'User';
  name: string;
  namespace?: string;
  apiGroup?: string;
}

/** The namespace of an owner with all that fences it, in the order in which it is to be applied. Pure. */
export function renderNamespace(
  name: string,
  settings: OwnerNamespaces,
  account: Account,
): KubeObject[] {
  const { clusterRole, quota, limitRange, defaultDeny } = settings;
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY };
  const metadata = { name: FENCE_NAME, namespace: name, labels };
  const restricted = Object.fromEntries(
    ['enforce', 'warn', 'audit'].map(mode => [
      `pod-security.kubernetes.io/${mode}`,
      'restricted',
    ]),
  );
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { ...labels, ...restricted } },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: clusterRole,
      },
      subjects: [account],
    },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: { hard: quota },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: { limits: [{ type: 'Container', ...limitRange }] },
    },
    ...(defaultDeny
      ? [
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata,
            spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
          },
        ]
      : []),
  ];
}
