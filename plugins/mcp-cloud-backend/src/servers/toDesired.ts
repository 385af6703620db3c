import type { OperationKind } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { DesiredServer } from '../status/types';

/** What the database says of a server, for the function that derives its status. */
export function toDesired(
  row: ServerRow,
  operation?: OperationKind,
): DesiredServer {
  return {
    id: row.id,
    name: row.name,
    cluster: row.cluster,
    runState: row.run_state,
    replicas: row.replicas,
    ...(row.scaling !== null && { scaling: JSON.parse(row.scaling) }),
    revision: row.revision,
    handshake: row.handshake,
    // Where it runs, neither new keys nor a move change anything.
    ...(operation &&
      operation !== 'rotate' &&
      operation !== 'move' && { operation }),
    ...(row.silence !== null && { silence: JSON.parse(row.silence) }),
  };
}
