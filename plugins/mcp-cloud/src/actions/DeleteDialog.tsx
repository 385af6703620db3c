import { useState } from 'react';
import { Text, TextField } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useText } from '../useText';
import { ConfirmDialog } from './ConfirmDialog';
import type { ActionDialogProps } from './ActionDialog';
import { useSubmit } from './useSubmit';

/** Deletion cannot be undone, so the name has to be typed. */
export function DeleteDialog({
  server,
  onAccepted,
  onClose,
}: ActionDialogProps) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const [typed, setTyped] = useState('');
  const { submit, isPending, error } = useSubmit(
    () => api.deleteServer(server.name),
    ({ operation }) => onAccepted(operation),
  );
  return (
    <ConfirmDialog
      title={t('action.deleteTitle', { name: server.name })}
      confirm={t('action.deleteConfirm')}
      isDestructive
      isDisabled={typed !== server.name}
      isPending={isPending}
      error={error}
      onConfirm={() => submit()}
      onClose={onClose}
    >
      <Text>
        {t('action.deleteEffect', {
          pods: t('common.pods', { count: server.status.pods.total }),
        })}
      </Text>
      <TextField
        label={t('action.deleteType', { name: server.name })}
        value={typed}
        onChange={setTyped}
        autoComplete="off"
      />
    </ConfirmDialog>
  );
}
