import type { LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import {
  SERVERS_TOPIC,
  type Operation,
  type ServerNews,
  type ServersEvent,
  type ServerState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { ServerStore } from '../servers/ServerStore';

/** Tells other plugins what becomes of servers, by Backstage's events service. Never fails. */
export class ServerEvents {
  readonly #events: EventsService;
  readonly #store: Pick<ServerStore, 'findById'>;
  readonly #logger: LoggerService;

  constructor(options: {
    events: EventsService;
    store: Pick<ServerStore, 'findById'>;
    logger: LoggerService;
  }) {
    this.#events = options.events;
    this.#store = options.store;
    this.#logger = options.logger;
  }

  listChanged(serverId: string): Promise<void> {
    return this.#publish(serverId, { kind: 'list-changed' });
  }

  operation(
    kind: 'operation-accepted' | 'operation-ended',
    operation: Operation,
  ): Promise<void> {
    const { id, state, principal, revision, cause, error } = operation;
    const news = {
      kind,
      operation: {
        id,
        kind: operation.kind,
        state,
        principal,
        ...(revision !== undefined && { revision }),
        ...(cause && { cause }),
        ...(error && { reason: error.reason }),
      },
    };
    return this.#publish(operation.serverId, news);
  }

  state(
    server: ServerRow,
    now: { state: ServerState; reason: string; before?: ServerState },
  ): Promise<void> {
    const { state, reason, before } = now;
    const news = {
      kind: 'state-changed',
      state,
      reason,
      ...(before && { before }),
    } as const;
    return this.#publish(server.id, news);
  }

  async #publish(id: string, news: ServerNews): Promise<void> {
    try {
      const server = await this.#store.findById(id);
      if (server) {
        const { name, owner, cluster } = server;
        const eventPayload: ServersEvent = {
          id,
          name,
          owner,
          cluster,
          ...news,
        };
        await this.#events.publish({ topic: SERVERS_TOPIC, eventPayload });
      }
    } catch (error) {
      this.#logger.warn(
        `The event ${news.kind} of server ${id} was not sent`,
        error as Error,
      );
    }
  }
}
