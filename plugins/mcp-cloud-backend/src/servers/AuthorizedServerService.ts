import { ConflictError, NotAllowedError } from '@backstage/errors';
import type {
  Capabilities,
  ClusterView,
  EventView,
  MetricsView,
  Operation,
  PodView,
  ServerAction,
  ServerDetail,
  ServerList,
  ServerStatus,
  ServerToken,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ClusterConnection } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { Audit } from './Audit';
import { principalOf, type Caller } from './Caller';
import type { Cancellation } from './Cancellation';
import type { Gate } from './Gate';
import { normaliseRef } from './normaliseRef';
import type { ServerAccess } from './ServerAccess';
import type { ServerCommands, SpecChange } from './ServerCommands';
import type { ListRequest, ServerQueries } from './ServerQueries';
import type { ServerTokens } from './ServerTokens';

/** A server that a caller has been let through to, for what streams by itself. */
export interface OpenedServer {
  row: ServerRow;
  cluster: ClusterConnection;
}

/**
 * Servers as callers get them: each method decides by the caller's credentials first, and every change
 * and every refusal is remembered. Whatever serves users (REST, actions, templates) goes through here.
 */
export class AuthorizedServerService {
  readonly #queries: ServerQueries;
  readonly #commands: ServerCommands;
  readonly #tokens: ServerTokens;
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #gate: Gate;
  readonly #cancellation: Cancellation;

  constructor(options: {
    queries: ServerQueries;
    commands: ServerCommands;
    tokens: ServerTokens;
    access: ServerAccess;
    audit: Audit;
    gate: Gate;
    cancellation: Cancellation;
  }) {
    this.#queries = options.queries;
    this.#commands = options.commands;
    this.#tokens = options.tokens;
    this.#access = options.access;
    this.#audit = options.audit;
    this.#gate = options.gate;
    this.#cancellation = options.cancellation;
  }

  async listClusters(caller: Caller): Promise<ClusterView[]> {
    // Whoever may see a server or make one has to know the clusters; addresses are not among what is shown.
    const readable = await this.#access.readable(caller);
    const seesNone =
      readable !== undefined &&
      'values' in readable &&
      readable.values.length === 0;
    if (seesNone) {
      await this.#audit.read(this.#gate.act(caller, 'cluster-list'), () =>
        this.#access.assertMayCreate(caller),
      );
    }
    return this.#queries.listClusters();
  }

  async list(caller: Caller, request: ListRequest): Promise<ServerList> {
    const [criteria, allowed] = await Promise.all([
      this.#access.readable(caller),
      this.#access.allowedFor(caller),
    ]);
    const owners = request.owners?.map(owner =>
      normaliseRef(owner, 'group', 'owner'),
    );
    return this.#queries.list({ ...request, owners }, criteria, allowed);
  }

  get(caller: Caller, name: string, after?: number): Promise<ServerDetail> {
    return this.#gate.read(caller, name, 'server-get', 'read', async row => {
      const allowed = (await this.#access.allowedFor(caller))(row);
      if (after === undefined) {
        return this.#queries.get(row, allowed);
      }
      await this.#queries.status(row, after);
      // What was waited for may have brought a new revision.
      const now = await this.#queries.find(name);
      return this.#queries.get(now.id === row.id ? now : row, allowed);
    });
  }

  status(caller: Caller, name: string, after?: number): Promise<ServerStatus> {
    return this.#gate.read(caller, name, 'server-status', 'read', row =>
      this.#queries.status(row, after),
    );
  }

  pods(caller: Caller, name: string, after?: number): Promise<PodView[]> {
    return this.#gate.read(caller, name, 'server-pods', 'read', row =>
      this.#queries.pods(row, after),
    );
  }

  events(caller: Caller, name: string): Promise<EventView[]> {
    return this.#gate.read(caller, name, 'server-events', 'read', row =>
      this.#queries.events(row),
    );
  }

  metrics(caller: Caller, name: string): Promise<MetricsView> {
    return this.#gate.read(caller, name, 'server-metrics', 'read', row =>
      this.#queries.metrics(row),
    );
  }

  capabilities(caller: Caller, name: string): Promise<Capabilities> {
    return this.#gate.read(caller, name, 'server-capabilities', 'read', row =>
      this.#queries.capabilities(row),
    );
  }

  operations(caller: Caller, name: string): Promise<Operation[]> {
    return this.#gate.read(caller, name, 'server-operations', 'read', row =>
      this.#queries.operations(row),
    );
  }

  async allOperations(caller: Caller): Promise<Operation[]> {
    return this.#queries.allOperations(await this.#access.readable(caller));
  }

  /** Also of a server that is deleted: whoever could see it can see how that went. */
  async operation(caller: Caller, id: string): Promise<Operation> {
    const operation = await this.#queries.operation(id);
    const row = await this.#queries.findById(operation.serverId);
    const act = this.#gate.act(caller, 'operation-get', {
      id: operation.serverId,
      name: operation.serverName,
    });
    await this.#audit.read(act, () =>
      this.#access.assertMay(caller, ['read'], row!),
    );
    return operation;
  }

  /** Lets a caller through to the logs. */
  openLogs(caller: Caller, name: string): Promise<OpenedServer> {
    return this.#open(caller, name, 'server-logs', 'logs');
  }

  /** Lets a caller with Backstage credentials through to the server itself. */
  openCall(caller: Caller, name: string): Promise<OpenedServer> {
    return this.#open(caller, name, 'server-call', 'call');
  }

  create(
    caller: Caller,
    change: SpecChange & { replicas: number },
  ): Promise<Operation> {
    const act = this.#gate.act(caller, 'server-create', {
      name: change.spec.name,
    });
    return this.#gate.once(caller, actor =>
      this.#audit.change(act, async () => {
        await this.#access.assertMayCreate(caller);
        await this.#access.assertMayOwn(
          caller,
          normaliseRef(change.spec.owner, 'group', 'spec.owner'),
        );
        return this.#commands.create(change, actor);
      }),
    );
  }

  update(
    caller: Caller,
    name: string,
    ifMatch: string,
    change: SpecChange,
  ): Promise<Operation> {
    const actions: ServerAction[] = change.secretValues
      ? ['update', 'secrets']
      : ['update'];
    return this.#gate.change(
      caller,
      name,
      'server-update',
      actions,
      async (row, actor) => {
        const owner = normaliseRef(change.spec.owner, 'group', 'spec.owner');
        if (owner !== row.owner) {
          await this.#access.assertMayOwn(caller, owner);
        }
        return this.#commands.update(row, ifMatch, change, actor);
      },
    );
  }

  /** Whoever may ask for an operation may cancel it. */
  async cancel(caller: Caller, id: string): Promise<Operation> {
    const operation = await this.#queries.operation(id);
    const action: ServerAction = ['deploy', 'rollback', 'move'].includes(
      operation.kind,
    )
      ? 'update'
      : 'operate';
    return this.#gate.change(
      caller,
      operation.serverName,
      'operation-cancel',
      [action],
      (row, actor) => {
        if (row.id !== operation.serverId) {
          throw new ConflictError('This operation has ended already.');
        }
        return this.#cancellation.cancel(row, operation, actor);
      },
    );
  }

  scale(caller: Caller, name: string, replicas: number): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'server-scale',
      ['operate'],
      (row, actor) => this.#commands.scale(row, replicas, actor),
    );
  }

  operate(
    caller: Caller,
    name: string,
    action: 'stop' | 'start' | 'restart',
  ): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      `server-${action}`,
      ['operate'],
      (row, actor) => this.#commands[action](row, actor),
    );
  }

  delete(caller: Caller, name: string): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'server-delete',
      ['delete'],
      (row, actor) => this.#commands.delete(row, actor),
    );
  }

  /** A token names a user, so only users get one. */
  async createToken(
    caller: Caller,
    name: string,
    ttlSeconds: number,
  ): Promise<ServerToken> {
    const row = await this.#queries.find(name);
    let token: ServerToken | undefined;
    await this.#audit.change(
      this.#gate.act(caller, 'token-create', row),
      async () => {
        if (caller.credentials.principal.type !== 'user') {
          throw new NotAllowedError('A token names a user. Sign in as one.');
        }
        await this.#access.assertMay(caller, ['call'], row);
        token = await this.#tokens.create(row, ttlSeconds, principalOf(caller));
      },
    );
    return token!;
  }

  revokeTokens(caller: Caller, name: string): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'token-revoke',
      ['operate'],
      (row, actor) => this.#commands.revokeTokens(row, actor),
    );
  }

  #open(
    caller: Caller,
    name: string,
    event: string,
    action: ServerAction,
  ): Promise<OpenedServer> {
    return this.#gate.read(caller, name, event, action, async row => ({
      row,
      cluster: this.#queries.cluster(row),
    }));
  }
}
