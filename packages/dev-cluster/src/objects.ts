import { METRICS_PORT } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { KubernetesObject } from './api.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * What CoreDNS and the metrics server need in the cluster. They run as processes of the node, so
 * their rights go to the users of their certificates, and the metrics Service has a fixed endpoint
 * instead of a selector.
 */
export function systemObjects(
  cluster: Cluster,
  ca: string,
): KubernetesObject[] {
  return [
    clusterRole('system:coredns', [
      rule('', ['services', 'pods', 'namespaces'], ['list', 'watch']),
      rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    ]),
    binding(
      'system:coredns',
      'ClusterRole',
      'system:coredns',
      'system:coredns',
    ),
    clusterRole('system:metrics-server', [
      rule('', ['nodes/metrics'], ['get']),
      rule('', ['pods', 'nodes'], ['get', 'list', 'watch']),
    ]),
    binding(
      'system:metrics-server',
      'ClusterRole',
      'system:metrics-server',
      'system:metrics-server',
    ),
    binding(
      'metrics-server:auth-delegator',
      'ClusterRole',
      'system:auth-delegator',
      'system:metrics-server',
    ),
    binding(
      'metrics-server-auth-reader',
      'Role',
      'extension-apiserver-authentication-reader',
      'system:metrics-server',
      'kube-system',
    ),
    // People who may see pods may see what they use.
    clusterRole(
      'system:aggregated-metrics-reader',
      [rule('metrics.k8s.io', ['pods', 'nodes'], ['get', 'list', 'watch'])],
      Object.fromEntries(
        ['view', 'edit', 'admin'].map(r => [
          `${rbacGroup}/aggregate-to-${r}`,
          'true',
        ]),
      ),
    ),
    ...metricsService(cluster, ca),
  ];
}

function metricsService(cluster: Cluster, ca: string): KubernetesObject[] {
  const metadata = { name: 'metrics-server', namespace: 'kube-system' };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 443, targetPort: METRICS_PORT, protocol: 'TCP' }] },
  };
  const endpoints = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata,
      labels: { 'kubernetes.io/service-name': metadata.name },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: METRICS_PORT, protocol: 'TCP' }],
    endpoints: [
      { addresses: [cluster.nodeAddress], conditions: { ready: true } },
    ],
  };
  const api = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle: Buffer.from(ca).toString('base64'),
      service: { ...metadata, port: 443 },
    },
  };
  return [service, endpoints, api];
}

function rule(group: string, resources: string[], verbs: string[]) {
  return { apiGroups: [group], resources, verbs };
}

function clusterRole(
  name: string,
  rules: object[],
  labels?: Record<string, string>,
) {
  return {
    apiVersion: rbac,
    kind: 'ClusterRole',
    metadata: { name, ...(labels && { labels }) },
    rules,
  };
}

function binding(
  name: string,
  roleKind: string,
  role: string,
  user: string,
  namespace?: string,
) {
  return {
    apiVersion: rbac,
    kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: { name, ...(namespace && { namespace }) },
    roleRef: { apiGroup: rbacGroup, kind: roleKind, name: role },
    subjects: [{ apiGroup: rbacGroup, kind: 'User', name: user }],
  };
}
