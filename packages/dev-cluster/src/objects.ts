import { DNS_SERVICE_ADDRESS, METRICS_PORT } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { KubernetesObject } from './api.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * What CoreDNS and the metrics server need in the cluster. They run as processes of the node, so
 * their rights go to the users of their certificates, and their Services have fixed endpoints
 * instead of selectors.
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
    ...dnsService(cluster),
    ...metricsService(cluster, ca),
  ];
}

const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'kube-system' },
  spec,
});

/** Where a Service without a selector leads. */
const endpoint = (name: string, address: string, ports: object[]) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name,
    namespace: 'kube-system',
    labels: { 'kubernetes.io/service-name': name },
  },
  addressType: 'IPv4',
  ports,
  endpoints: [{ addresses: [address], conditions: { ready: true } }],
});

const dnsPorts = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** Who answers for names. */
export const dnsEndpoint = (address: string) =>
  endpoint('kube-dns', address, dnsPorts);

/** The name that production clusters give it, and an address that stays whoever answers. */
function dnsService(cluster: Cluster): KubernetesObject[] {
  const spec = { clusterIP: DNS_SERVICE_ADDRESS, ports: dnsPorts };
  return [service('kube-dns', spec), dnsEndpoint(cluster.nodeAddress)];
}

function metricsService(cluster: Cluster, ca: string): KubernetesObject[] {
  const metadata = { name: 'metrics-server', namespace: 'kube-system' };
  const ports = [{ port: 443, targetPort: METRICS_PORT, protocol: 'TCP' }];
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
  return [
    service(metadata.name, { ports }),
    endpoint(metadata.name, cluster.nodeAddress, [
      { name: '', port: METRICS_PORT, protocol: 'TCP' },
    ]),
    api,
  ];
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
