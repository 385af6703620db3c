import { useState } from 'react';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import type {
  RevisionView,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { whyNot } from '../actions/availability';
import { DataTable } from '../components/DataTable';
import { LoadProblem } from '../components/LoadProblem';
import { RelativeTime } from '../components/RelativeTime';
import { Section } from '../components/Section';
import { StaleNotice } from '../components/StaleNotice';
import { useText } from '../useText';
import { Author } from './Author';
import { DiffSection } from './DiffSection';
import { useRevisions } from './useHistory';

const COLUMNS = [
  'revision',
  'when',
  'who',
  'what',
  'image',
  'actions',
] as const;

/** Every kept revision, newest first; what differs from the one before, and the way back to it. */
export function RevisionsSection({
  server,
  onRollback,
}: {
  server: ServerDetail;
  onRollback: (revision: number) => void;
}) {
  const t = useText();
  const live = useRevisions(server);
  const [compared, setCompared] = useState<{ from: number; to: number }>();
  const revisions = live.data?.items;
  const notNow = whyNot('edit', server, t);
  return (
    <Section title={t('history.revisions')}>
      <StaleNotice live={live} />
      {!revisions && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!revisions && !live.error && <Skeleton width="100%" height={120} />}
      {revisions?.length === 0 && (
        <Text color="secondary">{t('history.empty')}</Text>
      )}
      {!!revisions?.length && (
        <DataTable
          label={t('history.revisions')}
          columns={COLUMNS.map(id => t(`history.column.${id}`))}
          rows={revisions.map((revision, index) => ({
            id: String(revision.number),
            cells: [
              <RevisionName revision={revision} />,
              <RelativeTime at={revision.createdAt} />,
              <Author author={revision.author} />,
              <What revision={revision} />,
              <code>{revision.image}</code>,
              <Flex gap="1">
                {revisions[index + 1] && (
                  <Button
                    size="small"
                    variant="tertiary"
                    aria-label={t('history.changesOf', {
                      revision: String(revision.number),
                    })}
                    onPress={() =>
                      setCompared({
                        from: revisions[index + 1].number,
                        to: revision.number,
                      })
                    }
                  >
                    {t('history.changes')}
                  </Button>
                )}
                {!revision.newest && (
                  <ActionButton
                    size="small"
                    variant="tertiary"
                    aria-label={t('history.rollbackTo', {
                      revision: String(revision.number),
                    })}
                    reason={notNow}
                    onPress={() => onRollback(revision.number)}
                  >
                    {t('history.rollback')}
                  </ActionButton>
                )}
              </Flex>,
            ],
          }))}
        />
      )}
      {compared && revisions && (
        <DiffSection
          key={`${compared.from}-${compared.to}`}
          server={server}
          {...compared}
          numbers={revisions.map(({ number }) => number)}
          onCompare={from => setCompared({ ...compared, from })}
          onClose={() => setCompared(undefined)}
        />
      )}
    </Section>
  );
}

function RevisionName({ revision }: { revision: RevisionView }) {
  const t = useText();
  const marks = [
    revision.newest && t('history.newest'),
    revision.good && t('history.good'),
    revision.label,
  ].filter(Boolean);
  return (
    <span>
      <strong>#{revision.number}</strong>
      {marks.length > 0 && ` (${marks.join(', ')})`}
    </span>
  );
}

function What({ revision }: { revision: RevisionView }) {
  const t = useText();
  const { origin, restores, message } = revision;
  return (
    <span>
      {t(`history.origin.${origin}`, { revision: String(restores ?? '') })}
      {message && ` “${message}”`}
    </span>
  );
}
