import type {
  EventView,
  PodView,
  ServerDrift,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Cluster, Clusters, ObservedServer } from '../clusters/types';
import { deriveStatus } from './deriveStatus';
import { eventView } from './eventView';
import { podView } from './podView';
import type { DesiredServer, ServerStatusService } from './types';
import { withDrift } from './withDrift';
import { withSilence } from './withSilence';

const MAX_WAIT_MS = 1_000;
/** Causes ripen with time alone, so a waiting caller asks again this often even when nothing changes. */
const RECHECK_MS = 1_000;

/** Latest usage of one pod. */
export interface PodUsage {
  cpuMillicores: number;
  memoryBytes: number;
}

/** Answers from the pictures that the clusters keep in memory. */
export class LiveStatusService implements ServerStatusService {
  readonly #clusters: Clusters;
  readonly #usage: (cluster: string, pod: string) => PodUsage | undefined;
  readonly #drift: (serverId: string) => ServerDrift | undefined;
  readonly #now: () => Date;

  constructor(options: {
    clusters: Clusters;
    /** Latest sample of a pod, for {@link PodView}. */
    usage?: (cluster: string, pod: string) => PodUsage | undefined;
    /** What is known of changes by others. */
    drift?: (serverId: string) => ServerDrift | undefined;
    now?: () => Date;
  }) {
    this.#clusters = options.clusters;
    this.#usage = options.usage ?? (() => undefined);
    this.#drift = options.drift ?? (() => undefined);
    this.#now = options.now ?? (() => new Date());
  }

  status(server: DesiredServer): ServerStatus {
    const status = deriveStatus(server, this.#observe(server), this.#now());
    // What an operation writes is no drift, and what it repairs will be none.
    return server.operation
      ? status
      : withDrift(withSilence(status, server.silence), this.#drift(server.id));
  }

  pods(server: DesiredServer): PodView[] {
    const { pods, podRevisions } = this.#observe(server);
    return pods
      .map(pod => {
        const view = podView(pod, podRevisions?.get(pod.metadata?.name ?? ''));
        return { ...view, ...this.#usage(server.cluster, view.name) };
      })
      .sort(
        (a, b) =>
          b.createdAt.localeCompare(a.createdAt) ||
          a.name.localeCompare(b.name),
      );
  }

  events(server: DesiredServer): EventView[] {
    return this.#observe(server).events.map(eventView);
  }

  async waitForVersion(
    server: DesiredServer,
    version: number,
    timeoutMs = MAX_WAIT_MS,
  ): Promise<void> {
    const reached = () => this.#observe(server).version >= version;
    if (reached()) {
      return;
    }
    let unsubscribe = () => {};
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      timer = setTimeout(resolve, Math.min(timeoutMs, MAX_WAIT_MS));
      unsubscribe = this.#onChangeOf(server, () => reached() && resolve());
    });
    clearTimeout(timer);
    unsubscribe();
  }

  waitFor(
    server: DesiredServer,
    done: (status: ServerStatus) => boolean,
    options: { signal: AbortSignal; onStatus?: (status: ServerStatus) => void },
  ): Promise<ServerStatus> {
    const { signal, onStatus } = options;
    const cleanUps: Array<() => void> = [];
    let over = false;
    return new Promise<ServerStatus>((resolve, reject) => {
      const look = () => {
        if (over) {
          return;
        }
        try {
          const status = this.status(server);
          onStatus?.(status);
          if (done(status)) {
            resolve(status);
            over = true;
          }
        } catch (error) {
          reject(error);
        }
      };
      const aborted = () => reject(signal.reason);
      if (signal.aborted) {
        aborted();
        return;
      }
      signal.addEventListener('abort', aborted, { once: true });
      const timer = setInterval(look, RECHECK_MS);
      cleanUps.push(
        () => signal.removeEventListener('abort', aborted),
        () => clearInterval(timer),
        this.#onChangeOf(server, look),
      );
      look();
    }).finally(() => {
      over = true;
      cleanUps.forEach(cleanUp => cleanUp());
    });
  }

  #onChangeOf(server: DesiredServer, listener: () => void): () => void {
    return this.#clusters.onChange((cluster, changed) => {
      if (
        cluster === server.cluster &&
        (changed === 'all' || changed.has(server.id))
      ) {
        listener();
      }
    });
  }

  /** A cluster that is not configured any more is one that is not reached, and no reason for a page to fail. */
  #observe(server: DesiredServer): ObservedServer {
    let cluster: Cluster;
    try {
      cluster = this.#clusters.get(server.cluster);
    } catch {
      return {
        pods: [],
        events: [],
        bridges: new Map(),
        health: {
          state: 'unreachable',
          reason:
            'it is not among the configured clusters (mcpCloud.clusters).',
          since: this.#now(),
        },
        synced: false,
        version: 0,
      };
    }
    return cluster.observe(server);
  }
}
