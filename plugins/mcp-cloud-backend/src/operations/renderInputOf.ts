import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { RenderInput } from '../manifests/types';
import type { OperationTarget } from './OperationTarget';

/** What a server's objects are rendered from. `spec` is that of the target's revision. */
export function renderInputOf(
  server: Pick<ServerRow, 'id' | 'tokens_not_before'>,
  spec: ServerSpec,
  target: OperationTarget,
): RenderInput {
  return {
    id: server.id,
    spec,
    revision: target.revision,
    replicas: target.runState === 'stopped' ? 0 : target.replicas,
    secretVersion: target.secretVersion,
    restartedAt: target.restartedAt,
    tokensNotBefore: Number(server.tokens_not_before),
  };
}
