import { useState } from 'react';
import { Select, Text, TextField } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useServers } from '../api/useServers';
import { PreviewSummary } from '../history/PreviewSummary';
import { usePromotionPreview } from '../history/useHistory';
import { useText } from '../useText';
import type { ActionDialogProps } from './ActionDialog';
import { ConfirmDialog } from './ConfirmDialog';
import { useSubmit } from './useSubmit';

/** Shows what bringing the newest revision to another environment would do there, and does it when confirmed. */
export function PromoteDialog({
  server,
  onAccepted,
  onClose,
}: ActionDialogProps) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const { application, name, revision } = server;
  const [message, setMessage] = useState('');
  const [chosen, setChosen] = useState<string>();
  const targets = (useServers({ application }).data?.items ?? []).filter(
    sibling => sibling.name !== name,
  );
  const target = targets.find(sibling => sibling.name === chosen) ?? targets[0];
  const preview = usePromotionPreview(server, target?.name);
  const isSame = preview.data?.spec.length === 0;
  const { submit, isPending, error } = useSubmit(
    () =>
      api.promoteServer(name, {
        to: target.name,
        // What was looked at, whatever has come since.
        revision,
        ...(message && { message }),
      }),
    ({ operation }) => onAccepted(operation),
  );
  return (
    <ConfirmDialog
      title={t('action.promoteTitle', { name, revision: String(revision) })}
      confirm={t('action.promoteConfirm', {
        environment: target?.environment ?? '…',
      })}
      isDisabled={!preview.data || isSame}
      isPending={isPending}
      error={error}
      onConfirm={() => submit()}
      onClose={onClose}
    >
      <Select
        label={t('action.promoteTo')}
        value={target?.name ?? null}
        onChange={value => setChosen(String(value))}
        options={targets.map(sibling => ({
          value: sibling.name,
          label: t('action.promoteOption', {
            environment: sibling.environment,
            name: sibling.name,
          }),
        }))}
      />
      <Text>{t('action.promoteEffect')}</Text>
      {isSame && <Text color="secondary">{t('action.promoteSame')}</Text>}
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
