import { Flex } from '@backstage/ui';
import type { PodView, ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { whyNoLogs } from '../actions/availability';
import { DataTable } from '../components/DataTable';
import { RelativeTime } from '../components/RelativeTime';
import { formatBytes, formatCpu } from '../components/format';
import { useText } from '../useText';

interface PodsTableProps {
  label: string;
  pods: PodView[];
  server: ServerDetail;
  onLogs: (pod: string, previous?: boolean) => void;
}

/** One row a pod: how it is, what it uses, and its logs. */
export function PodsTable({ label, pods, server, onLogs }: PodsTableProps) {
  const t = useText();
  const noLogs = whyNoLogs(server, t);
  return (
    <DataTable
      label={label}
      columns={(
        [
          'name',
          'state',
          'ready',
          'restarts',
          'age',
          'node',
          'cpu',
          'memory',
          'logs',
        ] as const
      ).map(id => t(`pods.${id}`))}
      rows={pods.map(pod => ({
        id: pod.uid,
        cells: [
          <code>{pod.name}</code>,
          <span title={reasonOf(pod)}>{pod.state}</span>,
          t(pod.ready ? 'pods.readyYes' : 'pods.readyNo'),
          <Restarts pod={pod} />,
          <RelativeTime at={pod.createdAt} />,
          pod.node ?? '–',
          pod.cpuMillicores === undefined ? (
            <NoSample />
          ) : (
            formatCpu(pod.cpuMillicores)
          ),
          <Memory pod={pod} />,
          <Flex gap="1">
            <ActionButton
              size="small"
              variant="tertiary"
              aria-label={t('pods.logsOf', { pod: pod.name })}
              reason={noLogs}
              onPress={() => onLogs(pod.name)}
            >
              {t('pods.logs')}
            </ActionButton>
            {pod.restarts > 0 && (
              <ActionButton
                size="small"
                variant="tertiary"
                aria-label={t('pods.previousLogsOf', { pod: pod.name })}
                reason={noLogs}
                onPress={() => onLogs(pod.name, true)}
              >
                {t('pods.previousLogs')}
              </ActionButton>
            )}
          </Flex>,
        ],
      }))}
    />
  );
}

function Restarts({ pod }: { pod: PodView }) {
  const t = useText();
  const last = pod.containers
    .map(container => container.lastTermination)
    .filter(termination => termination !== undefined)
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  if (!last) {
    return <>{pod.restarts}</>;
  }
  return (
    <span title={last.message}>
      {t('pods.restartReason', {
        restarts: String(pod.restarts),
        reason: last.reason,
        when: <RelativeTime at={last.at} />,
      })}
    </span>
  );
}

function Memory({ pod }: { pod: PodView }) {
  const t = useText();
  if (pod.memoryBytes === undefined) {
    return <NoSample />;
  }
  const used = formatBytes(pod.memoryBytes);
  return (
    <>
      {pod.memoryLimitBytes
        ? t('pods.memoryOf', { used, limit: formatBytes(pod.memoryLimitBytes) })
        : used}
    </>
  );
}

function NoSample() {
  const t = useText();
  return <span title={t('pods.noSample')}>–</span>;
}

/** Why a pod is not running, in the words of its containers. */
function reasonOf(pod: PodView): string | undefined {
  return pod.containers
    .map(container => container.message ?? container.reason)
    .find(text => text);
}
