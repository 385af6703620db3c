import { Text } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useText } from '../useText';
import { ConfirmDialog } from './ConfirmDialog';
import type { ActionDialogProps } from './ActionDialog';
import { useSubmit } from './useSubmit';

/** Confirms a restart, stop or start. */
export function OperateDialog({
  action,
  server,
  onAccepted,
  onClose,
}: ActionDialogProps & { action: 'restart' | 'stop' | 'start' }) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const { submit, isPending, error } = useSubmit(
    () => api.operateServer(server.name, action),
    ({ operation }) => onAccepted(operation),
  );
  const count = action === 'start' ? server.replicas : server.status.pods.total;
  const values = {
    pods: t('common.pods', { count }),
    revision: String(server.revision),
  };
  return (
    <ConfirmDialog
      title={t(`action.${action}Title`, { name: server.name })}
      confirm={t(`action.${action}Confirm`)}
      isDestructive={action === 'stop'}
      isPending={isPending}
      error={error}
      onConfirm={() => submit()}
      onClose={onClose}
    >
      <Text>{t(`action.${action}Effect`, values)}</Text>
    </ConfirmDialog>
  );
}
