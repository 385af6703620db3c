import { Text } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import type {
  DriftedObject,
  Operation,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { useSubmit } from '../actions/useSubmit';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useDrift } from '../api/useServer';
import { Section } from '../components/Section';
import { FieldChanges } from '../history/FieldChanges';
import { useText } from '../useText';

/** What somebody changed in the cluster by hand, and the way to undo it; nothing where there is no such thing. */
export function DriftSection({
  server,
  onAccepted,
}: {
  server: ServerDetail;
  onAccepted: (operation: Operation) => void;
}) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const drift = useDrift(server.name, server.id).data;
  const { submit, isPending, error } = useSubmit(
    () => api.repairDrift(server.name),
    ({ operation }) => onAccepted(operation),
  );
  if (drift?.state !== 'drifted') {
    return null;
  }
  const mayRepair = server.allowed.includes('operate');
  return (
    <Section
      title={t('drift.title')}
      actions={
        <ActionButton
          variant="secondary"
          isPending={isPending}
          reason={mayRepair ? undefined : t('action.notAllowedOperate')}
          onPress={() => submit()}
        >
          {t('drift.repair')}
        </ActionButton>
      }
    >
      <Text color="secondary">
        {t(drift.repairsItself ? 'drift.repairsItself' : 'drift.hint')}
      </Text>
      {error && <Text color="danger">{error.message}</Text>}
      {drift.objects.map(object => (
        <DriftOf key={`${object.kind}/${object.name}`} object={object} />
      ))}
    </Section>
  );
}

function DriftOf({ object }: { object: DriftedObject }) {
  const t = useText();
  const name = `${object.kind} ${object.name}`;
  if (object.drift === 'missing') {
    return <Text>{t('drift.missing', { object: name })}</Text>;
  }
  const managers = new Set(
    object.fields.flatMap(({ by }) => by?.manager ?? []),
  );
  return (
    <div>
      <Text>
        {managers.size
          ? t('drift.changedBy', {
              object: name,
              managers: [...managers].join(', '),
            })
          : t('drift.changed', { object: name })}
      </Text>
      <FieldChanges
        label={name}
        changes={object.fields.map(({ path, wanted, found }) => ({
          path,
          before: wanted,
          after: found,
        }))}
      />
    </div>
  );
}
