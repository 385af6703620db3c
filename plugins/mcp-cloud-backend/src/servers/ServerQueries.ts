import { NotFoundError } from '@backstage/errors';
import {
  objectName,
  type Capabilities,
  type ClusterView,
  type EventView,
  type MetricsView,
  type Operation,
  type PodView,
  type Server,
  type ServerAction,
  type ServerDetail,
  type ServerList,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import { clusterOf } from '../clusters/clusterOf';
import type { ClusterConnection, Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { OperationStore } from '../operations/OperationStore';
import type { DesiredServer, ServerStatusService } from '../status/types';
import { listPage, type ServerSort } from './listPage';
import type { RevisionStore } from './RevisionStore';
import type { ServerFilter } from './ServerFilter';
import type { ServerQuery, ServerStore } from './ServerStore';
import { toDesired } from './toDesired';
import { toServer } from './toServer';
import type { UsageStore } from '../usage/UsageStore';

/** CPU and memory of a server's pods. */
export interface MetricsSource {
  metrics(server: DesiredServer): MetricsView;
}

/** What a list is asked for. */
export interface ListRequest extends Omit<ServerQuery, 'criteria'> {
  state?: string;
  sort: ServerSort;
  descending: boolean;
  cursor?: string;
  limit: number;
}

/** What reading servers takes. */
export interface ServerQueriesOptions {
  store: ServerStore;
  revisions: RevisionStore;
  operations: OperationStore;
  clusters: Clusters;
  statuses: ServerStatusService;
  metrics: MetricsSource;
  usage: Pick<UsageStore, 'lastCalls'>;
  /** Base address of the plugin as clients reach it. */
  externalBaseUrl: () => Promise<string>;
}

/** Everything there is to read of servers. Knows no users' rights: see `AuthorizedServerService`. */
export class ServerQueries {
  readonly #options: ServerQueriesOptions;

  constructor(options: ServerQueriesOptions) {
    this.#options = options;
  }

  /** The living server of this name. */
  async find(name: string): Promise<ServerRow> {
    const row = await this.#options.store.findByName(name);
    if (!row) {
      throw new NotFoundError(`There is no server called "${name}".`);
    }
    return row;
  }

  /** A server of which there is an operation; it may be deleted. */
  findById(id: string): Promise<ServerRow | undefined> {
    return this.#options.store.findById(id);
  }

  cluster(row: Pick<ServerRow, 'cluster' | 'namespace'>): ClusterConnection {
    return clusterOf(this.#options.clusters, row);
  }

  listClusters(): ClusterView[] {
    return this.#options.clusters.list().map(cluster => {
      const { state, reason, since, version } = cluster.health();
      return {
        name: cluster.name,
        title: cluster.title,
        ...(cluster.namespaces.perOwner
          ? { namespacePrefix: cluster.namespaces.perOwner.prefix }
          : { namespace: cluster.namespaces.shared }),
        state,
        ...(reason && { reason }),
        since: since.toISOString(),
        ...(version && { version }),
      };
    });
  }

  async list(
    request: ListRequest,
    criteria: PermissionCriteria<ServerFilter> | undefined,
    allowed: (row: ServerRow) => ServerAction[],
  ): Promise<ServerList> {
    const { store, operations, statuses, usage } = this.#options;
    const [rows, kinds] = await Promise.all([
      store.list({ ...request, criteria }),
      operations.openKinds(),
    ]);
    const listed = rows.map(row => ({
      row,
      status: statuses.status(toDesired(row, kinds.get(row.id))),
    }));
    const { page, ...rest } = listPage(listed, request);
    const ids = page.map(({ row }) => row.id);
    const [current, lastCalls] = await Promise.all([
      operations.currentOf(ids),
      usage.lastCalls(ids),
    ]);
    const items: Server[] = page.map(({ row, status }) =>
      toServer(row, {
        status,
        operation: current.get(row.id),
        lastCallAt: lastCalls.get(row.id),
        allowed: allowed(row),
      }),
    );
    return { items, ...rest };
  }

  async get(row: ServerRow, allowed: ServerAction[]): Promise<ServerDetail> {
    const { store, revisions, operations, usage, externalBaseUrl } =
      this.#options;
    const [status, current, revision, capabilities, lastCalls, base] =
      await Promise.all([
        this.status(row),
        operations.currentOf([row.id]),
        revisions.get(row.id, row.revision),
        store.capabilities(row.id),
        usage.lastCalls([row.id]),
        externalBaseUrl(),
      ]);
    const { author, createdAt, message } = revision;
    return {
      ...toServer(row, {
        status,
        operation: current.get(row.id),
        lastCallAt: lastCalls.get(row.id),
        allowed,
      }),
      spec: revision.spec,
      revisionInfo: {
        author,
        createdAt,
        ...(message !== undefined && { message }),
      },
      endpoints: {
        portal: `${base}/servers/${row.name}/mcp`,
        service: `http://${objectName(row.name)}.${row.namespace}.svc:8080/mcp`,
      },
      ...(capabilities && { capabilities }),
    };
  }

  /** `after`: wait, at most a second, until the picture has reached this version. */
  async status(row: ServerRow, after?: number): Promise<ServerStatus> {
    return this.#options.statuses.status(await this.#desired(row, after));
  }

  async pods(row: ServerRow, after?: number): Promise<PodView[]> {
    return this.#options.statuses.pods(await this.#desired(row, after));
  }

  async events(row: ServerRow): Promise<EventView[]> {
    return this.#options.statuses.events(await this.#desired(row));
  }

  async metrics(row: ServerRow): Promise<MetricsView> {
    return this.#options.metrics.metrics(await this.#desired(row));
  }

  async capabilities(row: ServerRow): Promise<Capabilities> {
    const capabilities = await this.#options.store.capabilities(row.id);
    if (!capabilities) {
      throw new NotFoundError(
        `"${row.name}" has not said yet what it can do. A deploy that succeeds asks it.`,
      );
    }
    return capabilities;
  }

  operations(row: ServerRow): Promise<Operation[]> {
    return this.#options.operations.listOf(row.id);
  }

  allOperations(
    criteria: PermissionCriteria<ServerFilter> | undefined,
  ): Promise<Operation[]> {
    return this.#options.operations.listAll(criteria);
  }

  async operation(id: string): Promise<Operation> {
    const operation = await this.#options.operations.get(id);
    if (!operation) {
      throw new NotFoundError(`There is no operation ${id}.`);
    }
    return operation;
  }

  async #desired(row: ServerRow, after?: number): Promise<DesiredServer> {
    const { operations, statuses } = this.#options;
    const kinds = await operations.openKinds([row.id]);
    const desired = toDesired(row, kinds.get(row.id));
    if (after !== undefined) {
      await statuses.waitForVersion(desired, after);
    }
    return desired;
  }
}
