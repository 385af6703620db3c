import { useState } from 'react';
import { NumberField, Text } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import { replicasSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useText } from '../useText';
import { ConfirmDialog } from './ConfirmDialog';
import type { ActionDialogProps } from './ActionDialog';
import { useSubmit } from './useSubmit';

/** Asks for a number of pods and tells what getting there does to sessions. */
export function ScaleDialog({
  server,
  onAccepted,
  onClose,
}: ActionDialogProps) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const [replicas, setReplicas] = useState(server.replicas);
  const { submit, isPending, error } = useSubmit(
    () => api.scaleServer(server.name, replicas),
    ({ operation }) => onAccepted(operation),
  );
  const checked = replicasSchema.safeParse(replicas);
  const problem = checked.success ? undefined : checked.error.issues[0].message;
  const change = replicas - server.replicas;
  const pods = t('common.pods', { count: Math.abs(change) });
  let effect: string = t('action.scaleSame', {
    replicas: t('common.pods', { count: server.replicas }),
  });
  if (change > 0) {
    effect = t('action.scaleUp', { pods });
  } else if (change < 0) {
    effect = t('action.scaleDown', { pods });
  }
  return (
    <ConfirmDialog
      title={t('action.scaleTitle', { name: server.name })}
      confirm={t('action.scaleConfirm', {
        replicas: Number.isNaN(replicas) ? '…' : String(replicas),
      })}
      isDisabled={!checked.success || change === 0}
      isPending={isPending}
      error={error}
      onConfirm={() => submit()}
      onClose={onClose}
    >
      {/* Without bounds on the field: it would turn a wrong number into another one without a word. */}
      <NumberField
        label={t('action.scaleReplicas')}
        value={replicas}
        onChange={setReplicas}
        isInvalid={!checked.success}
      />
      <Text aria-live="polite">{problem ?? effect}</Text>
    </ConfirmDialog>
  );
}
