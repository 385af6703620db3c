import type { OperationKind } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';

/** Name of a step that a runner carries out. */
export type StepName =
  | 'secrets'
  | 'apply'
  | 'end'
  | 'pods'
  | 'handshake'
  | 'switch'
  | 'remove';

/** The steps of an operation after `accepted`, in their order, for a server as it will be. */
export function stepsOf(
  kind: OperationKind,
  server: Pick<ServerRow, 'run_state' | 'handshake' | 'secret_version'>,
): StepName[] {
  const handshake: StepName[] =
    server.run_state === 'running' && server.handshake === 'full'
      ? ['handshake']
      : [];
  const secrets: StepName[] = server.secret_version === null ? [] : ['secrets'];
  switch (kind) {
    case 'deploy':
      return [...secrets, 'apply', 'pods', ...handshake];
    case 'move':
      return [...secrets, 'apply', 'pods', ...handshake, 'switch', 'remove'];
    case 'rollback':
    case 'start':
    case 'restart':
    case 'repair':
      return ['apply', 'pods', ...handshake];
    case 'recover':
      return ['apply', 'end', 'pods', ...handshake];
    case 'scale':
    case 'stop':
      return ['apply', 'pods'];
    case 'rotate':
      return ['apply'];
    case 'delete':
      return ['remove'];
    default:
      throw new Error(`Unknown kind of operation: ${kind}`);
  }
}
