import type { LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import { SERVERS_TOPIC } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerChanges } from './ServerChanges';

/** Tells pages by signals, and other plugins by an event. */
export class LiveServerChanges implements ServerChanges {
  readonly #publisher: { changed(serverId: string): void };
  readonly #events: EventsService;
  readonly #logger: LoggerService;

  constructor(options: {
    publisher: { changed(serverId: string): void };
    events: EventsService;
    logger: LoggerService;
  }) {
    this.#publisher = options.publisher;
    this.#events = options.events;
    this.#logger = options.logger;
  }

  changed(serverId: string): void {
    this.#publisher.changed(serverId);
  }

  listChanged(serverId: string): void {
    this.changed(serverId);
    this.#events
      .publish({ topic: SERVERS_TOPIC, eventPayload: { id: serverId } })
      .catch(error =>
        this.#logger.warn('The event that servers changed was not sent', error),
      );
  }
}
