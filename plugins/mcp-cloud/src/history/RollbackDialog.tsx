import { useState } from 'react';
import { Skeleton, Text, TextField } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import type { Preview } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ActionDialogProps } from '../actions/ActionDialog';
import { ConfirmDialog } from '../actions/ConfirmDialog';
import { useSubmit } from '../actions/useSubmit';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { useText } from '../useText';
import { FieldChanges } from './FieldChanges';
import { ObjectChanges } from './ObjectChanges';
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
      {preview.data && <PreviewSummary preview={preview.data} />}
      {!preview.data && preview.error && (
        <LoadProblem error={preview.error} onRetry={() => preview.refresh()} />
      )}
      {!preview.data && !preview.error && <Skeleton width="100%" height={80} />}
      <TextField
        label={t('history.why')}
        value={message}
        onChange={setMessage}
        maxLength={500}
      />
    </ConfirmDialog>
  );
}

function PreviewSummary({ preview }: { preview: Preview }) {
  const t = useText();
  return (
    <>
      {preview.warnings.map(({ reason, message }) => (
        <Notice
          key={message}
          status={reason === 'Refused' ? 'danger' : 'warning'}
          title={message}
        />
      ))}
      <FieldChanges changes={preview.spec} label={t('history.specChanges')} />
      {preview.objects.length > 0 && (
        <>
          <Text>{t('history.objects')}</Text>
          <ObjectChanges objects={preview.objects} />
        </>
      )}
    </>
  );
}
