import type { ServerEvents } from '../news/ServerEvents';
import type { ServerChanges } from './ServerChanges';

/** Tells pages by signals, and other plugins by an event. */
export class LiveServerChanges implements ServerChanges {
  readonly #publisher: { changed(serverId: string): void };
  readonly #events: Pick<ServerEvents, 'listChanged'>;

  constructor(options: {
    publisher: { changed(serverId: string): void };
    events: Pick<ServerEvents, 'listChanged'>;
  }) {
    this.#publisher = options.publisher;
    this.#events = options.events;
  }

  changed(serverId: string): void {
    this.#publisher.changed(serverId);
  }

  listChanged(serverId: string): void {
    this.changed(serverId);
    void this.#events.listChanged(serverId);
  }
}
