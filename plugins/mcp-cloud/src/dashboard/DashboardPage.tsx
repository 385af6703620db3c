import { useMemo, useState } from 'react';
import {
  Button,
  ButtonLink,
  Container,
  Flex,
  TablePagination,
  Text,
} from '@backstage/ui';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useServerActions } from '../actions/useServerActions';
import { useOwnership } from '../api/useOwnership';
import { useServers } from '../api/useServers';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { StaleNotice } from '../components/StaleNotice';
import { useText } from '../useText';
import { DashboardSkeleton } from './DashboardSkeleton';
import { EmptyServers } from './EmptyServers';
import { ServerFilters } from './ServerFilters';
import { ServerTable } from './ServerTable';
import { sortServers } from './sortServers';
import { StateCounts } from './StateCounts';
import {
  type DashboardFilters,
  useDashboardFilters,
} from './useDashboardFilters';
import { useStartLinks } from './useStartLinks';
import styles from './DashboardPage.module.css';

/** Every server: is all well, and what is not? */
export function DashboardPage() {
  const t = useText();
  const mine = useOwnership();
  const { filters, change, sort, clear, isFiltered } = useDashboardFilters();
  const onlyMine = filters.owner === 'mine';
  const live = useServers(
    // Without knowing who "I" am, "mine" would be everything.
    onlyMine && !mine
      ? null
      : {
          owner: onlyMine ? mine : undefined,
          cluster: filters.cluster,
          q: filters.q,
        },
  );
  const actions = useServerActions({ withName: true });
  const { deploy, templates } = useStartLinks();
  const list = live.data;
  const servers = useMemo(
    () =>
      sortServers(
        (list?.items ?? []).filter(server => matches(server, filters)),
        mine ?? [],
        filters.sorting,
      ),
    [list, filters, mine],
  );
  const environments = [
    ...new Set(list?.items.map(({ environment }) => environment)),
  ].sort();

  if (list && list.items.length === 0 && !isFiltered) {
    return (
      <Container className={styles.page}>
        <StaleNotice live={live} />
        {actions.panels}
        <EmptyServers />
      </Container>
    );
  }
  return (
    <Container className={styles.page}>
      <Flex justify="between" align="center" gap="4" className={styles.top}>
        <StateCounts
          counts={list?.counts ?? {}}
          chosen={filters.state}
          onChoose={state => change({ state })}
        />
        <Flex gap="2">
          <ButtonLink href={deploy} variant="primary">
            {t('dashboard.deploy')}
          </ButtonLink>
          {templates && (
            <ButtonLink href={templates} variant="secondary">
              {t('dashboard.template')}
            </ButtonLink>
          )}
        </Flex>
      </Flex>
      <ServerFilters
        filters={filters}
        change={change}
        environments={environments}
      />
      <StaleNotice live={live} />
      {actions.panels}
      {list && list.total > list.items.length && (
        <Notice
          status="info"
          title={t('live.partial', {
            shown: String(list.items.length),
            total: String(list.total),
          })}
        />
      )}
      {!list && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!list && !live.error && <DashboardSkeleton />}
      {list && (
        <PagedTable
          servers={servers}
          table={page => (
            <ServerTable
              servers={page}
              sorting={filters.sorting}
              onSort={sort}
              onAction={actions.begin}
              empty={<NoMatch onClear={clear} />}
            />
          )}
        />
      )}
      {actions.dialog}
    </Container>
  );
}

/** State and environment are filtered here: the backend's counts would otherwise be of one state only. */
function matches(
  server: Server,
  { state, environment }: DashboardFilters,
): boolean {
  return (
    (!state || server.status.state === state) &&
    (!environment || server.environment === environment)
  );
}

function PagedTable(props: {
  servers: Server[];
  table: (page: Server[]) => JSX.Element;
}) {
  const [pageSize, setPageSize] = useState(50);
  const [offset, setOffset] = useState(0);
  const count = props.servers.length;
  // The list may have become shorter under us.
  const start = offset < count ? offset : 0;
  return (
    <>
      {props.table(props.servers.slice(start, start + pageSize))}
      {count > pageSize && (
        <TablePagination
          pageSize={pageSize}
          offset={start}
          totalCount={count}
          hasNextPage={start + pageSize < count}
          hasPreviousPage={start > 0}
          onNextPage={() => setOffset(start + pageSize)}
          onPreviousPage={() => setOffset(Math.max(0, start - pageSize))}
          onPageSizeChange={setPageSize}
        />
      )}
    </>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  const t = useText();
  return (
    <Flex direction="column" align="center" gap="2" py="6">
      <Text weight="bold">{t('dashboard.noMatch')}</Text>
      <Text color="secondary">{t('dashboard.noMatchHint')}</Text>
      <Button variant="secondary" onPress={onClear}>
        {t('dashboard.clearFilters')}
      </Button>
    </Flex>
  );
}
