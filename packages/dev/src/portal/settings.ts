import type { UsedCluster } from '../clusters/types.ts';
import type { ClusterAccess } from '../clusters/access.ts';
import type { Images } from './images.ts';
import type { Secrets, StateDir } from './stateDir.ts';

export interface Ports {
  portal: number;
  oidc: number;
  /** The page's own port when it is served from sources. */
  app?: number;
}

export const DEFAULT_PORT = 7007;

/** The sign-in provider stands beside the portal. */
export const portsFrom = (portal: number): Ports => ({
  portal,
  oidc: portal + 1,
});

export const portalUrl = ({ portal }: Ports) => `http://localhost:${portal}`;
export const oidcUrl = ({ oidc }: Ports) => `http://localhost:${oidc}`;
/** Where people point their browsers. */
export const appUrl = (ports: Ports) =>
  ports.app ? `http://localhost:${ports.app}` : portalUrl(ports);

/** Of our own environment only what a program needs to run at all: no variable of a person's shell gets further. */
const passedOn = [
  'HOME',
  'PATH',
  'LANG',
  'TMPDIR',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'LOG_LEVEL',
];

export function baseEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    passedOn
      .filter(name => env[name] !== undefined)
      .map(name => [name, env[name]]),
  );
}

/** The registry as one that images are looked up in: a developer's own, so also beside the portal. */
function registryEntry(registry: string) {
  const [host] = registry.split('/');
  return {
    host,
    insecure: /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host),
    privateAddresses: true,
  };
}

/** How servers are exposed in a cluster with the add-ons `ingress` and `certificates`. */
const EXPOSURE = {
  hosts: [{ pattern: '*.dev.localhost' }],
  exposure: {
    ingress: {
      className: 'contour',
      clusterIssuer: 'dev-ca',
      annotations: { 'ingress.kubernetes.io/force-ssl-redirect': 'true' },
    },
    gateway: { name: 'dev', namespace: 'ingress', sectionName: 'https' },
  },
};

/** The values of app-config.yaml that differ from machine to machine. */
export function portalEnvironment(options: {
  ports: Ports;
  state: StateDir;
  secrets: Secrets;
  cluster: UsedCluster;
  access: ClusterAccess;
  namespace: string;
  images: Pick<Images, 'bridge' | 'builder'> | undefined;
}): Record<string, string> {
  const { ports, state, secrets, cluster, access, namespace, images } = options;
  return {
    MCP_CLOUD_URL: portalUrl(ports),
    MCP_CLOUD_APP_URL: appUrl(ports),
    MCP_CLOUD_PORT: String(ports.portal),
    MCP_CLOUD_DATABASE: state.database,
    MCP_CLOUD_OIDC_URL: oidcUrl(ports),
    MCP_CLOUD_OIDC_SECRET: secrets.oidc,
    MCP_CLOUD_SESSION_SECRET: secrets.session,
    MCP_CLOUD_KEYS_SECRET: secrets.keys,
    MCP_CLOUD_CLUSTER: cluster.name,
    MCP_CLOUD_CLUSTER_TITLE: cluster.title,
    MCP_CLOUD_NAMESPACE: namespace,
    MCP_CLOUD_KUBECONFIG: state.kubeconfig,
    MCP_CLOUD_CLUSTER_URL: access.url,
    MCP_CLOUD_CLUSTER_CA: access.ca,
    MCP_CLOUD_READER_TOKEN: access.readerToken,
    ...(cluster.registry
      ? {
          MCP_CLOUD_REGISTRY: cluster.registry,
          // A list cannot be left out of app-config.yaml by a variable that is not there.
          APP_CONFIG_mcpCloud_registries: JSON.stringify([
            registryEntry(cluster.registry),
          ]),
        }
      : {}),
    // Not a value of app-config.yaml but a part of it: without it nothing is offered.
    ...(cluster.ingress
      ? { APP_CONFIG_mcpCloud_servers: JSON.stringify(EXPOSURE) }
      : {}),
    ...(images
      ? {
          MCP_CLOUD_BRIDGE_IMAGE: images.bridge.ref,
          MCP_CLOUD_BUILDER_IMAGE: images.builder.ref,
        }
      : {}),
  };
}
