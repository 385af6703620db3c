/** Hosts of the drill's Service from outside: by an Ingress with a certificate of its own, and by an HTTPRoute of the Gateway. */
export const HOSTS = {
  ingress: 'ingress.dev.localhost',
  route: 'route.dev.localhost',
} as const;

export function routes(): object {
  const service = { name: 'drill', port: { number: 80 } };
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'drill',
      namespace: 'drill',
      annotations: { 'cert-manager.io/cluster-issuer': 'dev-ca' },
    },
    spec: {
      ingressClassName: 'contour',
      tls: [{ hosts: [HOSTS.ingress], secretName: 'drill-tls' }],
      rules: [
        {
          host: HOSTS.ingress,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service } }],
          },
        },
      ],
    },
  };
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'drill', namespace: 'drill' },
    spec: {
      parentRefs: [{ name: 'dev', namespace: 'ingress' }],
      hostnames: [HOSTS.route],
      rules: [{ backendRefs: [{ name: 'drill', port: 80 }] }],
    },
  };
  return { apiVersion: 'v1', kind: 'List', items: [ingress, route] };
}
