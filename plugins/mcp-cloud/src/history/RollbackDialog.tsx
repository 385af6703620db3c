import { useState } from 'react';
import { TextField } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import type { ActionDialogProps } from '../actions/ActionDialog';
import { ConfirmDialog } from '../actions/ConfirmDialog';
import { useSubmit } from '../actions/useSubmit';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useText } from '../useText';
import { PreviewSummary } from './PreviewSummary';
import { useRollbackPreview } from './useHistory';

/** Shows what going back would do, and does it when that is confirmed. */
export function RollbackDialog({
  server,
  revision,
  onAccepted,
  onClose,
}: ActionDialogProps & { revision: number }) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const [message, setMessage] = useState('');
  const preview = useRollbackPreview(server, revision);
  const { submit, isPending, error } = useSubmit(
    () =>
      api.rollbackServer(server.name, {
        revision,
        ...(message && { message }),
      }),
    ({ operation }) => onAccepted(operation),
  );
  return (
    <ConfirmDialog
      title={t('history.rollbackTitle', {
        name: server.name,
        revision: String(revision),
      })}
      confirm={t('history.rollback')}
      isPending={isPending}
      error={error}
      onConfirm={() => submit()}
      onClose={onClose}
    >
      <PreviewSummary live={preview} />
      <TextField
        label={t('history.why')}
        value={message}
        onChange={setMessage}
        maxLength={500}
      />
    </ConfirmDialog>
  );
}
