import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { OperationRow, StepRow } from '../database/rows';
import type { OperationTarget } from './OperationTarget';

/** An operation as the REST interface shows it. */
export function toOperation(row: OperationRow, steps: StepRow[]): Operation {
  const target: OperationTarget = JSON.parse(row.target);
  return {
    id: row.id,
    serverId: row.server_id,
    serverName: row.server_name,
    kind: row.kind,
    state: row.state,
    principal: row.principal,
    ...(target.recover && { cause: target.recover.cause }),
    ...((row.kind === 'deploy' || row.kind === 'rollback' || target.move) && {
      revision: target.revision,
    }),
    ...(target.move && { cluster: target.move.cluster }),
    ...(row.kind === 'scale' && { replicas: target.replicas }),
    steps: steps
      .filter(step => step.operation_id === row.id)
      .sort((a, b) => a.position - b.position)
      .map(step => ({
        name: step.name,
        state: step.state,
        ...(step.message !== null && { message: step.message }),
        ...(step.started_at !== null && { startedAt: step.started_at }),
        ...(step.finished_at !== null && { finishedAt: step.finished_at }),
      })),
    ...(row.error !== null && { error: JSON.parse(row.error) }),
    createdAt: row.created_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
  };
}
