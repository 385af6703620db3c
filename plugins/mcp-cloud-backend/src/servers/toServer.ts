import type {
  Operation,
  Server,
  ServerAction,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';

/** The ETag of a server as it stands. */
export function etagOf(row: Pick<ServerRow, 'version'>): string {
  return `"${row.version}"`;
}

/** A server as the REST interface shows it. */
export function toServer(
  row: ServerRow,
  parts: {
    status: ServerStatus;
    operation?: Operation;
    lastCallAt?: string;
    allowed: ServerAction[];
  },
): Server {
  return {
    id: row.id,
    name: row.name,
    application: row.application,
    environment: row.environment,
    owner: row.owner,
    ...(row.system !== null && { system: row.system }),
    cluster: row.cluster,
    namespace: row.namespace,
    image: row.image,
    runState: row.run_state,
    replicas: row.replicas,
    revision: row.revision,
    etag: etagOf(row),
    ...(row.catalog_ref !== null && { catalogRef: row.catalog_ref }),
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    ...(parts.lastCallAt && { lastCallAt: parts.lastCallAt }),
    status: parts.status,
    ...(parts.operation && { operation: parts.operation }),
    allowed: parts.allowed,
  };
}
