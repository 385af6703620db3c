import {
  ButtonLink,
  Flex,
  Skeleton,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  VisuallyHidden,
} from '@backstage/ui';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useSearchParams } from 'react-router-dom';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { whyNoLogs } from '../actions/availability';
import { useServerActions } from '../actions/useServerActions';
import { hasStatus } from '../api/useLiveData';
import { useServer } from '../api/useServer';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { StaleNotice } from '../components/StaleNotice';
import { ConnectView } from '../connect/ConnectView';
import { HistoryView } from '../history/HistoryView';
import { LogsView } from '../logs/LogsView';
import { rootRouteRef } from '../routes';
import { useText } from '../useText';
import { ServerHeader } from './ServerHeader';
import { ServerOperations } from './ServerOperations';
import { StatusView } from './StatusView';
import styles from './ServerView.module.css';

const VIEWS = ['status', 'logs', 'history', 'connect'] as const;

interface ServerViewProps {
  name: string;
  siblings?: Server[];
  onSwitch?: (name: string) => void;
  withCatalogLink?: boolean;
}

/** One server with its views; the same on the catalog page and on the page of our own. */
export function ServerView({
  name,
  siblings = [],
  onSwitch = () => {},
  withCatalogLink,
}: ServerViewProps) {
  const t = useText();
  const live = useServer(name);
  const actions = useServerActions({ onPromoted: onSwitch });
  const [params, setParams] = useSearchParams();
  const view = VIEWS.find(id => id === params.get('view')) ?? 'status';
  const show = (values: { view: string; pod?: string; previous?: string }) =>
    setParams(old => {
      const next = new URLSearchParams(old);
      ['view', 'pod', 'previous'].forEach(key => next.delete(key));
      Object.entries(values).forEach(
        ([key, value]) => value && next.set(key, value),
      );
      return next;
    });

  // Data of the server shown before stays while another one loads.
  const server = live.data?.name === name ? live.data : undefined;
  if (hasStatus(live.error, 404) && server) {
    return (
      <div className={styles.view}>
        {actions.panels}
        <Deleted name={name} />
      </div>
    );
  }
  if (!server) {
    return live.error ? (
      <LoadProblem error={live.error} onRetry={() => live.refresh()} />
    ) : (
      <ServerSkeleton />
    );
  }
  const noLogs = whyNoLogs(server, t);
  return (
    <div className={styles.view}>
      <StaleNotice live={live} />
      <ServerHeader
        server={server}
        siblings={siblings}
        onSwitch={onSwitch}
        onAction={actions.begin}
        withCatalogLink={withCatalogLink}
      />
      <ServerOperations
        key={server.id}
        server={server}
        started={actions.started.filter(
          ({ serverName }) => serverName === name,
        )}
      />
      <Tabs
        selectedKey={view}
        onSelectionChange={id => show({ view: String(id) })}
      >
        <TabList aria-label={t('server.views')}>
          {VIEWS.map(id => (
            <Tab key={id} id={id}>
              {t(`server.${id}`)}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="status" className={styles.panel}>
          <StatusView
            key={server.id}
            server={server}
            onEdit={() => actions.begin('edit', server)}
            onAccepted={actions.accepted}
            onLogs={(pod, previous) =>
              show({
                view: 'logs',
                pod,
                previous: previous ? 'true' : undefined,
              })
            }
          />
        </TabPanel>
        <TabPanel id="logs" className={styles.panel}>
          {noLogs ? (
            <Notice status="warning" title={noLogs} />
          ) : (
            <LogsView key={server.id} server={server} />
          )}
        </TabPanel>
        <TabPanel id="history" className={styles.panel}>
          <HistoryView
            key={server.id}
            server={server}
            onAccepted={actions.accepted}
          />
        </TabPanel>
        <TabPanel id="connect" className={styles.panel}>
          <ConnectView key={server.id} server={server} />
        </TabPanel>
      </Tabs>
      {actions.dialog}
    </div>
  );
}

function Deleted({ name }: { name: string }) {
  const t = useText();
  const dashboard = useRouteRef(rootRouteRef);
  return (
    <Notice
      status="info"
      title={t('server.deleted', { name })}
      actions={
        <ButtonLink href={dashboard()} variant="secondary">
          {t('server.backToDashboard')}
        </ButtonLink>
      }
    >
      {t('server.deletedHint')}
    </Notice>
  );
}

/** Keeps the room of the header, the charts and the pods. */
export function ServerSkeleton() {
  const t = useText();
  return (
    <div role="status">
      <VisuallyHidden>{t('common.loading')}</VisuallyHidden>
      <Flex direction="column" gap="4" aria-hidden="true">
        <Skeleton width={320} height={32} />
        <Skeleton width="100%" height={52} />
        <Flex gap="4">
          <Skeleton width="50%" height={220} />
          <Skeleton width="50%" height={220} />
        </Flex>
        <Skeleton width="100%" height={140} />
      </Flex>
    </div>
  );
}
