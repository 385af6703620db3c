import type { ServerRow } from '../database/rows';
import type { RenderInput } from '../manifests/types';
import type { Revision } from '../servers/Revision';
import type { OperationTarget } from './OperationTarget';

/** What a server's objects are rendered from. `spec` and `image` are those of the target's revision. */
export function renderInputOf(
  server: Pick<ServerRow, 'id' | 'tokens_not_before'>,
  { spec, image }: Pick<Revision, 'spec' | 'image'>,
  target: OperationTarget,
): RenderInput {
  return {
    id: server.id,
    spec,
    image,
    revision: target.revision,
    replicas: target.runState === 'stopped' ? 0 : target.replicas,
    secretVersion: target.secretVersion,
    restartedAt: target.restartedAt,
    tokensNotBefore: Number(server.tokens_not_before),
  };
}
