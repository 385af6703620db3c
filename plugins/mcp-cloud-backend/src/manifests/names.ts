import { objectName } from '@mcp-cloud/plugin-mcp-cloud-common';

/** Ports of every bridge, by the name that its Service gives them. */
export const MCP_PORT = 8080;
export const ADMIN_PORT = 9090;
/** Where replicas receive each other. */
export const PEERS_PORT = 8081;

/** The container that holds the server, and its bridge unless that has one of its own. */
export const CONTAINER = 'server';
/** The container of a bridge beside the server's. */
export const BRIDGE_CONTAINER = 'bridge';

/** Name of the headless Service that finds every pod of a server, ready or not. */
export function peersName(server: string): string {
  return objectName(server, 'peers');
}

/** Name of the Secret that a server's replicas share. */
export function sharedSecretName(server: string): string {
  return objectName(server, 'bridge');
}

/** The entry of that Secret, and the file that it becomes. */
export const SHARED_SECRET_KEY = 'secret';

/** Name of the ConfigMap with the Spec's files. */
export function filesName(server: string): string {
  return objectName(server, 'files');
}

/** Name of the Secret that holds one version of a server's secret values. */
export function secretName(server: string, version: number): string {
  return objectName(server, `env-${version}`);
}

/** Name of the Service that a load balancer of its own leads to. */
export function publicName(server: string): string {
  return objectName(server, 'public');
}

/** Name of the Secret that cert-manager puts a server's certificate into. */
export function tlsSecretName(server: string): string {
  return objectName(server, 'tls');
}
