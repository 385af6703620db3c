import type { OperationKind } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { Actor } from './Actor';
import type { NewOperation } from './OperationStore';
import { stepsOf } from './stepsOf';
import { targetOf } from './targetOf';

/** The operation that makes a server as its row now says. */
export function operationFor(
  row: ServerRow,
  kind: OperationKind,
  actor: Actor,
): NewOperation {
  return {
    server: row,
    kind,
    actor,
    target: targetOf(row),
    steps: stepsOf(kind, row),
  };
}
