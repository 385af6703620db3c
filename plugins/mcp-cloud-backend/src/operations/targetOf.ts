import type { ServerRow } from '../database/rows';
import type { OperationTarget } from './OperationTarget';

/** A server as it is wanted now. */
export function targetOf(row: ServerRow): OperationTarget {
  return {
    revision: row.revision,
    replicas: row.replicas,
    runState: row.run_state,
    ...(row.scaling !== null && { scaling: JSON.parse(row.scaling) }),
    ...(row.secret_version !== null && { secretVersion: row.secret_version }),
    ...(row.restarted_at !== null && { restartedAt: row.restarted_at }),
  };
}
