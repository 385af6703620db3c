import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { MCP_PORT } from './names';
import type { ExposureSettings } from './types';

type Exposure = NonNullable<ServerSpec['exposure']>;

/** What leads clients from outside to the Service: an Ingress or an HTTPRoute. */
export function exposureObject(
  metadata: KubeObject['metadata'],
  tlsSecret: string,
  exposure: Exposure,
  settings: ExposureSettings,
): KubeObject {
  return exposure.via === 'ingress'
    ? ingress(metadata, tlsSecret, exposure, settings)
    : httpRoute(metadata, exposure, settings);
}

function ingress(
  metadata: KubeObject['metadata'],
  tlsSecret: string,
  { host, tls }: Exposure,
  { ingress: settings }: ExposureSettings,
): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      ...metadata,
      annotations: {
        ...settings?.annotations,
        ...(tls?.certManager && {
          'cert-manager.io/cluster-issuer': settings?.clusterIssuer ?? '',
        }),
      },
    },
    spec: {
      ...(settings?.className && { ingressClassName: settings.className }),
      ...(tls && {
        tls: [{ hosts: [host], secretName: tls.secret ?? tlsSecret }],
      }),
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: {
                  service: { name: metadata.name, port: { name: 'mcp' } },
                },
              },
            ],
          },
        },
      ],
    },
  };
}

function httpRoute(
  metadata: KubeObject['metadata'],
  { host, path }: Exposure,
  { gateway }: ExposureSettings,
): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [
        {
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          name: gateway?.name ?? '',
          ...(gateway?.namespace && { namespace: gateway.namespace }),
          ...(gateway?.sectionName && { sectionName: gateway.sectionName }),
        },
      ],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: path } }],
          // The bridge knows nothing of the path that stands for it.
          ...(path !== '/' && {
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: {
                  path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' },
                },
              },
            ],
          }),
          // Streams stay open for as long as clients want them.
          timeouts: { request: '0s' },
          backendRefs: [
            {
              group: '',
              kind: 'Service',
              name: metadata.name,
              port: MCP_PORT,
              weight: 1,
            },
          ],
        },
      ],
    },
  };
}
