import { Text } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import type { Operation, Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useText } from '../useText';
import { ActionButton } from './ActionButton';
import { useSubmit } from './useSubmit';

/** Ends an operation that goes on, for whoever may ask for one. Deletions and new keys go on in any case. */
export function CancelOperation({
  operation: { id, kind },
  server,
}: {
  operation: Operation;
  server: Server;
}) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const { submit, isPending, error } = useSubmit(
    () => api.cancelOperation(id),
    () => {},
  );
  if (kind === 'delete' || kind === 'rotate') {
    return null;
  }
  const isDeploy = ['deploy', 'rollback', 'move'].includes(kind);
  const isAllowed = server.allowed.includes(isDeploy ? 'update' : 'operate');
  const refusal = t(
    isDeploy ? 'action.notAllowedUpdate' : 'action.notAllowedOperate',
  );
  return (
    <>
      {error && <Text color="danger">{error.message}</Text>}
      <ActionButton
        size="small"
        variant="secondary"
        isPending={isPending}
        reason={isAllowed ? undefined : refusal}
        onPress={() => submit()}
      >
        {t('operation.cancel')}
      </ActionButton>
    </>
  );
}
