import { objectName } from '@mcp-cloud/plugin-mcp-cloud-common';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection } from '../clusters/types';

/** Path of one pod's port behind the API server's proxy. */
export function podProxyPath(
  cluster: ClusterConnection,
  pod: string,
  port: number,
  path: string,
): string {
  return `${objectPath({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: cluster.namespace,
    name: `${pod}:${port}`,
  })}/proxy${path}`.replace('%3A', ':');
}

/** Path of a port of a server's Service behind the API server's proxy. */
export function serviceProxyPath(
  cluster: ClusterConnection,
  server: string,
  port: number,
  path: string,
): string {
  const name = `${objectName(server)}:${port}`;
  return `${objectPath({
    apiVersion: 'v1',
    kind: 'Service',
    namespace: cluster.namespace,
    name,
  })}/proxy${path}`.replace('%3A', ':');
}
