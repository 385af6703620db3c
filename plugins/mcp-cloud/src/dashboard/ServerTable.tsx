import type { ReactNode } from 'react';
import {
  Cell,
  Column,
  Link,
  Row,
  TableBody,
  TableHeader,
  TableRoot,
  VisuallyHidden,
} from '@backstage/ui';
import { useRouteRef } from '@backstage/core-plugin-api';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ActionName } from '../actions/availability';
import { shortImage } from '../components/format';
import { OwnerLink } from '../components/OwnerLink';
import { RelativeTime } from '../components/RelativeTime';
import { StateLabel } from '../components/StateLabel';
import { serverRouteRef } from '../routes';
import { useText } from '../useText';
import { RowMenu } from './RowMenu';
import type { SortColumn, Sorting } from './sortServers';
import styles from './ServerTable.module.css';

interface ServerTableProps {
  servers: Server[];
  sorting?: Sorting;
  onSort: (sorting: Sorting) => void;
  onAction: (action: ActionName, server: Server) => void;
  /** Shown in place of rows. */
  empty: ReactNode;
}

/** One row a server: what it is, how it is, whose it is, and what can be done. */
export function ServerTable({
  servers,
  sorting,
  onSort,
  onAction,
  empty,
}: ServerTableProps) {
  const t = useText();
  return (
    <div className={styles.scroll}>
      <TableRoot
        aria-label={t('dashboard.table')}
        className={styles.table}
        sortDescriptor={
          sorting && {
            column: sorting.column,
            direction: sorting.descending ? 'descending' : 'ascending',
          }
        }
        onSortChange={({ column, direction }) =>
          onSort({
            column: column as SortColumn,
            descending: direction === 'descending',
          })
        }
      >
        <TableHeader>
          <Column id="name" isRowHeader allowsSorting>
            {t('dashboard.columnName')}
          </Column>
          <Column id="state" allowsSorting>
            {t('dashboard.columnState')}
          </Column>
          <Column id="replicas">{t('dashboard.columnReplicas')}</Column>
          <Column id="image">{t('dashboard.columnImage')}</Column>
          <Column id="owner" allowsSorting>
            {t('dashboard.columnOwner')}
          </Column>
          <Column id="cluster" allowsSorting>
            {t('dashboard.columnCluster')}
          </Column>
          <Column id="environment" allowsSorting>
            {t('dashboard.columnEnvironment')}
          </Column>
          <Column id="changed" allowsSorting>
            {t('dashboard.columnChanged')}
          </Column>
          <Column id="actions">
            <VisuallyHidden>{t('dashboard.columnActions')}</VisuallyHidden>
          </Column>
        </TableHeader>
        <TableBody renderEmptyState={() => empty}>
          {servers.map(server => serverRow(server, onAction))}
        </TableBody>
      </TableRoot>
    </div>
  );
}

/** Not a component: the table collects its rows by their element type. */
function serverRow(server: Server, onAction: ServerTableProps['onAction']) {
  const { status } = server;
  return (
    <Row key={server.id} id={server.id} className={styles.row}>
      <Cell>
        <span className={styles.nowrap}>
          <ServerLink name={server.name} />
        </span>
      </Cell>
      <Cell>
        <StateLabel state={status.state} />
        <span title={status.message} className={styles.message}>
          {status.message}
        </span>
      </Cell>
      <Cell>
        <Replicas ready={status.pods.ready} desired={status.pods.desired} />
      </Cell>
      <Cell>
        <span className={styles.clip} title={server.image}>
          {shortImage(server.image)}
        </span>
      </Cell>
      <Cell>
        <OwnerLink entityRef={server.owner} />
      </Cell>
      <Cell>{server.cluster}</Cell>
      <Cell>{server.environment}</Cell>
      <Cell>
        <span className={styles.nowrap}>
          <RelativeTime at={server.updatedAt} />
        </span>
      </Cell>
      <Cell>
        <RowMenu server={server} onAction={onAction} />
      </Cell>
    </Row>
  );
}

function ServerLink({ name }: { name: string }) {
  const route = useRouteRef(serverRouteRef);
  return (
    <Link href={route({ name })} weight="bold" standalone>
      {name}
    </Link>
  );
}

function Replicas({ ready, desired }: { ready: number; desired: number }) {
  const t = useText();
  const words = t('dashboard.replicas', {
    ready: String(ready),
    desired: String(desired),
  });
  return (
    <span className={styles.numbers} title={words}>
      {ready}/{desired}
    </span>
  );
}
