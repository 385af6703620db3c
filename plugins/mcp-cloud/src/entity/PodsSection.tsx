import { Skeleton, Text } from '@backstage/ui';
import type { PodView, ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { usePods } from '../api/useServer';
import { LoadProblem } from '../components/LoadProblem';
import { Section } from '../components/Section';
import { StaleNotice } from '../components/StaleNotice';
import { useText } from '../useText';
import { PodsTable } from './PodsTable';

interface PodsSectionProps {
  server: ServerDetail;
  onLogs: (pod: string, previous?: boolean) => void;
}

/** The pods; during a rollout in one group for each revision, old to new. */
export function PodsSection({ server, onLogs }: PodsSectionProps) {
  const t = useText();
  const live = usePods(server.name, server.id);
  const pods = live.data?.items;
  const groups = groupByRevision(pods ?? []);
  const isRollout = groups.length > 1;
  return (
    <Section title={t('pods.title')}>
      <StaleNotice live={live} />
      {!pods && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!pods && !live.error && <Skeleton width="100%" height={100} />}
      {pods?.length === 0 && (
        <Text color="secondary">
          {t(
            server.runState === 'stopped' ? 'pods.empty' : 'pods.emptyRunning',
          )}
        </Text>
      )}
      {isRollout && (
        <Text>
          {t('pods.rollout', {
            from: String(groups[0].revision ?? '?'),
            to: String(groups[groups.length - 1].revision ?? '?'),
          })}
        </Text>
      )}
      {groups.map(group => (
        <div key={group.revision ?? 'unknown'}>
          {isRollout && (
            <Text as="h4" variant="body-medium" weight="bold">
              {t('pods.group', { revision: String(group.revision ?? '?') })}
            </Text>
          )}
          <PodsTable
            label={
              isRollout
                ? `${t('pods.title')}, ${t('pods.group', {
                    revision: String(group.revision ?? '?'),
                  })}`
                : t('pods.title')
            }
            pods={group.pods}
            server={server}
            onLogs={onLogs}
          />
        </div>
      ))}
    </Section>
  );
}

/** Oldest revision first; pods whose revision is not known stand before all others. */
export function groupByRevision(
  pods: PodView[],
): Array<{ revision?: number; pods: PodView[] }> {
  const groups = new Map<number | undefined, PodView[]>();
  for (const pod of pods) {
    groups.set(pod.revision, [...(groups.get(pod.revision) ?? []), pod]);
  }
  return [...groups]
    .map(([revision, members]) => ({ revision, pods: members }))
    .sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
}
