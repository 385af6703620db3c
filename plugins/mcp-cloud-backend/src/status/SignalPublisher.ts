import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  SERVERS_CHANNEL,
  type ServersSignal,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Clusters } from '../clusters/types';

const QUIET_MS = 250;
/** In place of an id: all servers. */
const ALL = '*';

/**
 * Tells open pages that something of a server changed: its id and the version to ask for, nothing more, as a signal
 * reaches anyone. The first change goes out at once, those of the following 250 ms together.
 */
export class SignalPublisher {
  readonly #clusters: Clusters;
  readonly #signals: SignalsService;
  readonly #logger: LoggerService;
  readonly #quiet = new Map<
    string,
    { timer: NodeJS.Timeout; again: boolean }
  >();
  #unsubscribe?: () => void;

  constructor(options: {
    clusters: Clusters;
    signals: SignalsService;
    logger: LoggerService;
  }) {
    this.#clusters = options.clusters;
    this.#signals = options.signals;
    this.#logger = options.logger;
  }

  start(): void {
    this.#unsubscribe ??= this.#clusters.onChange((_name, changed) => {
      for (const id of changed === 'all' ? [ALL] : changed) {
        this.changed(id);
      }
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const { timer } of this.#quiet.values()) {
      clearTimeout(timer);
    }
    this.#quiet.clear();
  }

  /** To be called when the database's part of a server changed: its revision, its operation, that it exists. */
  changed(serverId: string): void {
    const quiet = this.#quiet.get(serverId);
    if (quiet) {
      quiet.again = true;
      return;
    }
    this.#publish(serverId);
    const entry = {
      again: false,
      timer: setTimeout(() => {
        this.#quiet.delete(serverId);
        if (entry.again) {
          this.changed(serverId);
        }
      }, QUIET_MS),
    };
    this.#quiet.set(serverId, entry);
  }

  #publish(id: string): void {
    this.#signals
      .publish<ServersSignal>({
        recipients: { type: 'broadcast' },
        channel: SERVERS_CHANNEL,
        message:
          id === ALL ? { version: 0 } : { id, version: this.#versionOf(id) },
      })
      .catch(error =>
        this.#logger.warn('A signal about a server could not be sent', error),
      );
  }

  #versionOf(id: string): number {
    return Math.max(
      0,
      ...this.#clusters
        .list()
        .map(cluster => cluster.observe({ id, name: '' }).version),
    );
  }
}
