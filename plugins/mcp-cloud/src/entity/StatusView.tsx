import { Flex } from '@backstage/ui';
import type {
  Operation,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { whyNoLogs, whyNot } from '../actions/availability';
import { Section } from '../components/Section';
import { Stderr } from '../components/Stderr';
import { useText } from '../useText';
import { CapabilitiesSection } from './CapabilitiesSection';
import { DriftSection } from './DriftSection';
import { EventsSection } from './EventsSection';
import { MetricsSection } from './MetricsSection';
import { PodsSection } from './PodsSection';
import styles from './StatusView.module.css';

interface StatusViewProps {
  server: ServerDetail;
  onEdit: () => void;
  onLogs: (pod?: string, previous?: boolean) => void;
  onAccepted: (operation: Operation) => void;
}

/** What the server is doing now, and if it fails, why. */
export function StatusView({
  server,
  onEdit,
  onLogs,
  onAccepted,
}: StatusViewProps) {
  const t = useText();
  const { state, stderr } = server.status;
  const isFailing = state === 'Failed' || state === 'Degraded';
  return (
    <div className={styles.status}>
      {isFailing && (
        <Section
          title={`${t(`state.${state}`)}: ${server.status.reason}`}
          actions={
            <Flex gap="2">
              <ActionButton
                variant="secondary"
                reason={whyNoLogs(server, t)}
                onPress={() => onLogs()}
              >
                {t('server.openLogs')}
              </ActionButton>
              <ActionButton
                variant="primary"
                reason={whyNot('edit', server, t)}
                onPress={onEdit}
              >
                {t('server.editAndRetry')}
              </ActionButton>
            </Flex>
          }
        >
          {stderr?.length ? (
            <Stderr title={t('server.stderr')} lines={stderr} />
          ) : (
            server.status.message
          )}
        </Section>
      )}
      <DriftSection server={server} onAccepted={onAccepted} />
      <MetricsSection server={server} />
      <PodsSection server={server} onLogs={onLogs} />
      <div className={styles.columns}>
        <EventsSection server={server} />
        <CapabilitiesSection server={server} />
      </div>
    </div>
  );
}
