import type { ServerDrift, ServerManifests } from './drift';
import { readEventStream } from './eventStream';
import type { RevisionDetail, RevisionDiff, RevisionView } from './history';
import type {
  Capabilities,
  ClusterView,
  EventView,
  LogLine,
  MetricsView,
  NewServerKey,
  Operation,
  PodView,
  ServerDetail,
  ServerKey,
  ServerList,
  ServerStatus,
  ServerToken,
} from './model';
import type {
  AuditList,
  AuditQuery,
  BackupImported,
  ImageView,
  OrphanList,
} from './platform';
import type {
  Preview,
  PreviewChangeRequest,
  PreviewCreateRequest,
} from './preview';
import type { OwnerQuota } from './quota';
import type {
  CreateKeyRequest,
  CreateServerRequest,
  CreateTokenRequest,
  MoveRequest,
  PromoteRequest,
  RollbackRequest,
  UpdateServerRequest,
} from './requests';
import {
  Rest,
  search,
  serverPath,
  type RequestOptions,
  type RestOptions,
} from './rest';
import type { ServerUsage } from './usage';

/** Filters of a list of servers. `q` searches name, application, image and owner. */
export interface ListServersQuery {
  owner?: string[];
  cluster?: string;
  application?: string;
  state?: string;
  q?: string;
  cursor?: string;
  limit?: number;
}

/** Which lines of the log. Without `pod`: of all pods, merged. */
export interface LogsQuery {
  pod?: string;
  /** The container's run before the current one. */
  previous?: boolean;
  tailLines?: number;
  sinceSeconds?: number;
}

/** Answer to every change: the server (by name) and the operation that carries the change out. */
export interface Accepted {
  operation: Operation;
}

/**
 * Client of the plugin's REST interface. Every method throws a `ResponseError` that carries the backend's words
 * when the answer is not a success.
 */
export class McpCloudClient {
  readonly #rest: Rest;

  constructor(options: RestOptions) {
    this.#rest = new Rest(options);
  }

  listClusters(options?: RequestOptions): Promise<{ items: ClusterView[] }> {
    return this.#rest.json('GET', '/clusters', options);
  }

  /** What its registry says of an image, if the platform lists that. */
  getImage(ref: string, options?: RequestOptions): Promise<ImageView> {
    return this.#rest.json('GET', `/images${search({ ref })}`, options);
  }

  listServers(
    query: ListServersQuery = {},
    options?: RequestOptions,
  ): Promise<ServerList> {
    return this.#rest.json('GET', `/servers${search(query)}`, options);
  }

  createServer(
    body: CreateServerRequest,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('POST', '/servers', options, body);
  }

  /** `after`: answer only (within 1 s) when the status has reached this version. */
  getServer(
    name: string,
    query: { after?: number } = {},
    options?: RequestOptions,
  ): Promise<ServerDetail> {
    return this.#rest.json('GET', serverPath(name, '', query), options);
  }

  /** `etag` is that of the server as it was read; when it changed meanwhile the answer is 412. */
  updateServer(
    name: string,
    etag: string,
    body: UpdateServerRequest,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('PUT', serverPath(name), options, body, {
      'If-Match': etag,
    });
  }

  /** What making a server would do. Nothing is changed. */
  previewCreate(
    body: PreviewCreateRequest,
    options?: RequestOptions,
  ): Promise<Preview> {
    return this.#rest.json('POST', '/servers/preview', options, body);
  }

  /** What a change or a deletion would do; of a promotion, to the server that it goes to. Nothing is changed. */
  previewChange(
    name: string,
    body: PreviewChangeRequest,
    options?: RequestOptions,
  ): Promise<Preview> {
    return this.#rest.json('POST', serverPath(name, '/preview'), options, body);
  }

  deleteServer(name: string, options?: RequestOptions): Promise<Accepted> {
    return this.#rest.json('DELETE', serverPath(name), options);
  }

  scaleServer(
    name: string,
    replicas: number,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('POST', serverPath(name, '/scale'), options, {
      replicas,
    });
  }

  /** Stop, start or restart. */
  operateServer(
    name: string,
    action: 'stop' | 'start' | 'restart',
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('POST', serverPath(name, `/${action}`), options);
  }

  getStatus(
    name: string,
    query: { after?: number } = {},
    options?: RequestOptions,
  ): Promise<ServerStatus> {
    return this.#rest.json('GET', serverPath(name, '/status', query), options);
  }

  getPods(
    name: string,
    query: { after?: number } = {},
    options?: RequestOptions,
  ): Promise<{ items: PodView[] }> {
    return this.#rest.json('GET', serverPath(name, '/pods', query), options);
  }

  getEvents(
    name: string,
    options?: RequestOptions,
  ): Promise<{ items: EventView[] }> {
    return this.#rest.json('GET', serverPath(name, '/events'), options);
  }

  getMetrics(name: string, options?: RequestOptions): Promise<MetricsView> {
    return this.#rest.json('GET', serverPath(name, '/metrics'), options);
  }

  /** Calls by principal, tool and hour; of the last week unless told otherwise. */
  getUsage(
    name: string,
    query: { hours?: number } = {},
    options?: RequestOptions,
  ): Promise<ServerUsage> {
    return this.#rest.json('GET', serverPath(name, '/usage', query), options);
  }

  getCapabilities(
    name: string,
    options?: RequestOptions,
  ): Promise<Capabilities> {
    return this.#rest.json('GET', serverPath(name, '/capabilities'), options);
  }

  /** Kubernetes objects as they were applied last. */
  getManifests(
    name: string,
    options?: RequestOptions,
  ): Promise<ServerManifests> {
    return this.#rest.json('GET', serverPath(name, '/manifests'), options);
  }

  /** What others changed in the cluster. */
  getDrift(name: string, options?: RequestOptions): Promise<ServerDrift> {
    return this.#rest.json('GET', serverPath(name, '/drift'), options);
  }

  /** Puts back what others changed. */
  repairDrift(name: string, options?: RequestOptions): Promise<Accepted> {
    return this.#rest.json('POST', serverPath(name, '/drift/repair'), options);
  }

  listOperations(
    name: string,
    options?: RequestOptions,
  ): Promise<{ items: Operation[] }> {
    return this.#rest.json('GET', serverPath(name, '/operations'), options);
  }

  getOperation(id: string, options?: RequestOptions): Promise<Operation> {
    return this.#rest.json(
      'GET',
      `/operations/${encodeURIComponent(id)}`,
      options,
    );
  }

  /** Newest first. */
  listRevisions(
    name: string,
    options?: RequestOptions,
  ): Promise<{ items: RevisionView[] }> {
    return this.#rest.json('GET', serverPath(name, '/revisions'), options);
  }

  getRevision(
    name: string,
    number: number,
    options?: RequestOptions,
  ): Promise<RevisionDetail> {
    return this.#rest.json(
      'GET',
      serverPath(name, `/revisions/${number}`),
      options,
    );
  }

  /** What differs in a revision from `against`, by default the one before. */
  diffRevision(
    name: string,
    number: number,
    query: { against?: number } = {},
    options?: RequestOptions,
  ): Promise<RevisionDiff> {
    return this.#rest.json(
      'GET',
      serverPath(name, `/revisions/${number}/diff`, query),
      options,
    );
  }

  /** A label names one revision of a server; `null` takes it away. */
  async labelRevision(
    name: string,
    number: number,
    label: string | null,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#rest.request(
      'PUT',
      serverPath(name, `/revisions/${number}/label`),
      options,
      { label },
    );
  }

  rollbackServer(
    name: string,
    body: RollbackRequest,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json(
      'POST',
      serverPath(name, '/rollback'),
      options,
      body,
    );
  }

  /** Brings a revision to the server of another environment; the operation is of that one. */
  promoteServer(
    name: string,
    body: PromoteRequest,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('POST', serverPath(name, '/promote'), options, body);
  }

  /** Takes a server to another cluster. */
  moveServer(
    name: string,
    body: MoveRequest,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json('POST', serverPath(name, '/move'), options, body);
  }

  /** Ends an operation and turns back what it was to change. */
  cancelOperation(id: string, options?: RequestOptions): Promise<Accepted> {
    return this.#rest.json(
      'POST',
      `/operations/${encodeURIComponent(id)}/cancel`,
      options,
    );
  }

  createToken(
    name: string,
    body: CreateTokenRequest = {},
    options?: RequestOptions,
  ): Promise<ServerToken> {
    return this.#rest.json('POST', serverPath(name, '/tokens'), options, body);
  }

  /** Makes every token of the server void that was given out before now. */
  async revokeTokens(name: string, options?: RequestOptions): Promise<void> {
    await this.#rest.request('DELETE', serverPath(name, '/tokens'), options);
  }

  listKeys(
    name: string,
    options?: RequestOptions,
  ): Promise<{ items: ServerKey[] }> {
    return this.#rest.json('GET', serverPath(name, '/keys'), options);
  }

  /** The only time that the key itself is shown. */
  createKey(
    name: string,
    body: CreateKeyRequest,
    options?: RequestOptions,
  ): Promise<NewServerKey> {
    return this.#rest.json('POST', serverPath(name, '/keys'), options, body);
  }

  endKey(
    name: string,
    id: string,
    options?: RequestOptions,
  ): Promise<Accepted> {
    return this.#rest.json(
      'DELETE',
      serverPath(name, `/keys/${encodeURIComponent(id)}`),
      options,
    );
  }

  /** The last lines, at once. */
  getLogs(
    name: string,
    query: LogsQuery = {},
    options?: RequestOptions,
  ): Promise<{ items: LogLine[] }> {
    return this.#rest.json('GET', serverPath(name, '/logs', query), options);
  }

  /** The last lines and then each new one, until the signal aborts or the backend ends the stream. */
  async *followLogs(
    name: string,
    query: LogsQuery = {},
    options?: RequestOptions,
  ): AsyncGenerator<LogLine> {
    const path = serverPath(name, '/logs', {
      ...query,
      follow: true,
    });
    const response = await this.#rest.request('GET', path, options);
    if (!response.body) {
      return;
    }
    for await (const { event, data } of readEventStream(response.body)) {
      if (event === 'line') {
        yield JSON.parse(data) as LogLine;
      } else if (event === 'error') {
        throw new Error((JSON.parse(data) as { message: string }).message);
      }
    }
  }

  /** What owners may take, and take: the caller's own, and those of servers that they may see. */
  listQuota(
    query: { owner?: string[] } = {},
    options?: RequestOptions,
  ): Promise<{ items: OwnerQuota[] }> {
    return this.#rest.json('GET', `/quota${search(query)}`, options);
  }

  /** What was done and refused, newest first. */
  listAudit(
    query: AuditQuery = {},
    options?: RequestOptions,
  ): Promise<AuditList> {
    return this.#rest.json('GET', `/audit${search(query)}`, options);
  }

  /** Objects of servers that there are not; for administrators. */
  listOrphans(options?: RequestOptions): Promise<OrphanList> {
    return this.#rest.json('GET', '/orphans', options);
  }

  /** Removes the objects of such a server; for administrators. */
  async removeOrphan(
    cluster: string,
    serverId: string,
    options?: RequestOptions,
  ): Promise<void> {
    const path = [cluster, serverId].map(encodeURIComponent).join('/');
    await this.#rest.request('DELETE', `/orphans/${path}`, options);
  }

  /** Everything that is ours, as lines of JSON; for administrators. */
  async exportBackup(
    options?: RequestOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    return (await this.#rest.request('GET', '/export', options)).body!;
  }

  /** Puts an export into a portal without servers; for administrators. */
  importBackup(
    file: Blob,
    query: { signingKeys?: BackupImported['signingKeys'] } = {},
    options?: RequestOptions,
  ): Promise<BackupImported> {
    return this.#rest.json('POST', `/import${search(query)}`, options, file);
  }

  /** The address under which MCP clients reach the server through the portal. */
  async mcpUrl(name: string): Promise<string> {
    return `${await this.#rest.baseUrl()}${serverPath(name, '/mcp')}`;
  }
}
