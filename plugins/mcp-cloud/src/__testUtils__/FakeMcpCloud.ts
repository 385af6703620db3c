import type {
  Accepted,
  ClusterView,
  CreateServerRequest,
  EventView,
  ImageView,
  LogLine,
  MetricsView,
  MoveRequest,
  Operation,
  OwnerQuota,
  PodView,
  Preview,
  PromoteRequest,
  RevisionDiff,
  RevisionView,
  RollbackRequest,
  ServerDetail,
  ServerDrift,
  ServerState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { McpCloudApi } from '../api/mcpCloudApi';
import { ago, CAPABILITIES, operation, server } from './fixtures';

/** What a backend answers when it refuses. */
export class FakeResponseError extends Error {
  constructor(readonly statusCode: number, message: string) {
    super(message);
  }
}

const NONE = { servers: 0, replicas: 0, cpuMillicores: 0, memoryBytes: 0 };

/** The backend as far as the pages see it, in memory. Tests put things in and look at `calls`. */
export class FakeMcpCloud implements McpCloudApi {
  servers: ServerDetail[] = [];
  pods: PodView[] = [];
  events: EventView[] = [];
  operations = new Map<string, Operation>();
  revisions: RevisionView[] = [];
  preview: Preview = {
    action: 'rollback',
    spec: [],
    objects: [],
    restartsPods: false,
    verified: true,
    quota: {
      owner: 'group:default/team-a',
      limits: {},
      used: NONE,
      after: NONE,
    },
    warnings: [],
  };
  quotas: OwnerQuota[] = [];
  diff: Pick<RevisionDiff, 'spec' | 'objects'> = { spec: [], objects: [] };
  drift: ServerDrift = {
    state: 'none',
    objects: [],
    checkedAt: ago(0),
    repairsItself: false,
  };
  image: ImageView = { state: 'unknown' };
  metrics: MetricsView = { stepSeconds: 10, samples: [], limits: {} };
  clusters: ClusterView[] = [
    {
      name: 'dev-1',
      title: 'Development',
      namespace: 'mcp',
      state: 'ok',
      since: ago(0),
    },
    {
      name: 'prod-1',
      title: 'Production',
      namespace: 'mcp',
      state: 'unreachable',
      reason: 'connection refused',
      since: ago(0),
    },
  ];
  /** Each read and each change fails with this while it is set. */
  failure?: Error;
  /** Just the changes fail. */
  refusal?: Error;
  calls: Array<[string, ...unknown[]]> = [];
  /** Streams of logs that are open. */
  openLogs = 0;
  #listeners = new Set<(line: LogLine | Error | null) => void>();

  async listClusters() {
    return { items: this.clusters };
  }

  async getImage() {
    return this.image;
  }

  async listServers(query: Parameters<McpCloudApi['listServers']>[0] = {}) {
    this.#record('listServers', query);
    const items = this.servers.filter(
      ({ owner, name, application, cluster }) =>
        (!query.owner || query.owner.includes(owner)) &&
        (!query.cluster || query.cluster === cluster) &&
        (!query.application || query.application === application) &&
        (!query.q || name.includes(query.q)),
    );
    const counts: Partial<Record<ServerState, number>> = {};
    items.forEach(
      ({ status }) => (counts[status.state] = (counts[status.state] ?? 0) + 1),
    );
    return { items, total: items.length, counts };
  }

  async getServer(name: string, query: { after?: number } = {}) {
    this.#record('getServer', name, query);
    const found = this.servers.find(one => one.name === name);
    if (!found) {
      throw new FakeResponseError(404, `There is no server named ${name}.`);
    }
    return found;
  }

  async createServer(body: CreateServerRequest) {
    const created = server({
      ...body.spec,
      spec: body.spec,
      replicas: body.replicas ?? 1,
      capabilities: CAPABILITIES,
    } as Partial<ServerDetail>);
    const accepted = this.#change(
      'deploy',
      body.spec.name,
      'createServer',
      body,
    );
    this.servers.push(created);
    return accepted;
  }

  async updateServer(
    name: string,
    etag: string,
    body: Parameters<McpCloudApi['updateServer']>[2],
  ) {
    return this.#change('deploy', name, 'updateServer', name, etag, body);
  }

  async previewCreate(body: Parameters<McpCloudApi['previewCreate']>[0]) {
    this.#record('previewCreate', body);
    return this.preview;
  }

  async previewChange(
    name: string,
    body: Parameters<McpCloudApi['previewChange']>[1],
  ) {
    this.#record('previewChange', name, body);
    return this.preview;
  }

  async deleteServer(name: string) {
    return this.#change('delete', name, 'deleteServer', name);
  }

  async scaleServer(name: string, replicas: number) {
    return this.#change('scale', name, 'scaleServer', name, replicas);
  }

  async operateServer(name: string, action: 'stop' | 'start' | 'restart') {
    return this.#change(action, name, 'operateServer', name, action);
  }

  async getStatus(name: string) {
    return (await this.getServer(name)).status;
  }

  async getPods(name: string, query: { after?: number } = {}) {
    this.#record('getPods', name, query);
    return { items: this.pods };
  }

  async getEvents(name: string) {
    this.#record('getEvents', name);
    return { items: this.events };
  }

  async getMetrics(name: string) {
    this.#record('getMetrics', name);
    return this.metrics;
  }

  async getCapabilities() {
    return CAPABILITIES;
  }

  async listAudit() {
    return { items: [] };
  }

  async listOrphans() {
    return { items: [], unknownClusters: [] };
  }

  async removeOrphan() {}

  async exportBackup() {
    return new Blob([]).stream();
  }

  async importBackup() {
    return { servers: 0, rows: 0, signingKeys: 'restored' as const };
  }

  async getUsage() {
    return { since: ago(0), calls: 0, byHour: [], byPrincipal: [], byTool: [] };
  }

  async getManifests() {
    return { items: [] };
  }

  async getDrift(name: string) {
    this.#record('getDrift', name);
    return this.drift;
  }

  async repairDrift(name: string) {
    return this.#change('repair', name, 'repairDrift', name);
  }

  async listOperations() {
    return { items: [...this.operations.values()] };
  }

  async getOperation(id: string) {
    this.#record('getOperation', id);
    return this.operations.get(id)!;
  }

  async listRevisions(name: string) {
    this.#record('listRevisions', name);
    return { items: this.revisions };
  }

  async getRevision(name: string, number: number) {
    const found = this.revisions.find(one => one.number === number);
    if (!found) {
      throw new FakeResponseError(404, `There is no revision ${number}.`);
    }
    return { ...found, spec: (await this.getServer(name)).spec };
  }

  async diffRevision(
    name: string,
    to: number,
    { against = to - 1 }: { against?: number } = {},
  ) {
    this.#record('diffRevision', name, to, against);
    return { ...this.diff, from: against, to };
  }

  async labelRevision(name: string, number: number, label: string | null) {
    this.#record('labelRevision', name, number, label);
  }

  async rollbackServer(name: string, body: RollbackRequest) {
    return this.#change('rollback', name, 'rollbackServer', name, body);
  }

  async promoteServer(name: string, body: PromoteRequest) {
    return this.#change('deploy', body.to, 'promoteServer', name, body);
  }

  async moveServer(name: string, body: MoveRequest) {
    return this.#change('move', name, 'moveServer', name, body);
  }

  async cancelOperation(id: string) {
    this.#record('cancelOperation', id);
    return { operation: this.operations.get(id)! };
  }

  async createToken(
    name: string,
    body: Parameters<McpCloudApi['createToken']>[1],
  ) {
    this.#record('createToken', name, body);
    return { token: 'fake-token-value', expiresAt: ago(-3_600_000) };
  }

  async revokeTokens(name: string) {
    this.#record('revokeTokens', name);
  }

  async listKeys() {
    return { items: [] };
  }

  async createKey(name: string, body: Parameters<McpCloudApi['createKey']>[1]) {
    this.#record('createKey', name, body);
    return {
      id: 'key-1',
      name: body.name,
      scopes: body.scopes ?? [],
      createdAt: ago(0),
      createdBy: 'user:default/ana',
      key: 'fake-key-value',
      operation: operation({ kind: 'rotate' }),
    };
  }

  async endKey(name: string, id: string) {
    this.#record('endKey', name, id);
    return { operation: operation({ kind: 'rotate' }) };
  }

  async listQuota() {
    return { items: this.quotas };
  }

  async getLogs() {
    return { items: [] };
  }

  async *followLogs(
    name: string,
    query: Parameters<McpCloudApi['followLogs']>[1] = {},
    options: Parameters<McpCloudApi['followLogs']>[2] = {},
  ): AsyncGenerator<LogLine> {
    this.#record('followLogs', name, query);
    const waiting: Array<LogLine | Error | null> = [];
    let wake = () => {};
    const sleep = () =>
      new Promise<void>(resolve => {
        wake = resolve;
      });
    const listener = (line: LogLine | Error | null) => {
      waiting.push(line);
      wake();
    };
    options.signal?.addEventListener('abort', () => listener(null));
    this.#listeners.add(listener);
    this.openLogs += 1;
    try {
      for (;;) {
        const line = waiting.shift();
        if (line === null) {
          return;
        }
        if (line instanceof Error) {
          throw line;
        }
        if (line) {
          yield line;
        } else {
          await sleep();
        }
      }
    } finally {
      this.openLogs -= 1;
      this.#listeners.delete(listener);
    }
  }

  async mcpUrl(name: string) {
    return `http://localhost:7007/api/mcp-cloud/servers/${name}/mcp`;
  }

  /** Writes a line into all open logs; an error breaks them, `null` ends them. */
  writeLog(line: LogLine | Error | null) {
    [...this.#listeners].forEach(listener => listener(line));
  }

  callsOf(name: string) {
    return this.calls.filter(([called]) => called === name);
  }

  #record(name: string, ...args: unknown[]) {
    this.calls.push([name, ...args]);
    if (this.failure) {
      throw this.failure;
    }
  }

  #change(
    kind: Operation['kind'],
    serverName: string,
    ...call: [string, ...unknown[]]
  ): Accepted {
    this.#record(...call);
    if (this.refusal) {
      throw this.refusal;
    }
    const accepted = operation({
      id: `operation-${this.operations.size + 1}`,
      kind,
      serverName,
      serverId: `id-${serverName}`,
      createdAt: ago(0),
      startedAt: ago(0),
    });
    this.operations.set(accepted.id, accepted);
    return { operation: accepted };
  }
}
