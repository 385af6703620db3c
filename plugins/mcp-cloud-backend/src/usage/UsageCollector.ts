import type { LoggerService } from '@backstage/backend-plugin-api';
import type { V1Pod } from '@kubernetes/client-node';
import pLimit from 'p-limit';
import { pause } from '../clusters/backOff';
import { inNamespace } from '../clusters/inNamespace';
import type { Cluster, ClusterConnection, Clusters } from '../clusters/types';
import type { BridgeGateway } from '../mcp/types';
import { bridgeContainer, isEnding, isLive } from '../status/podFacts';
import type { UsageStore } from './UsageStore';

const ASK_TIMEOUT_MS = 5_000;
/** A bridge that ends waits for whoever has asked it during the last two minutes. */
const ENDING_MS = 1_000;
const CONCURRENCY = 4;
/** A bridge that runs is noted this often even when nobody calls it: what is known of others is forgotten. */
const STILL_MS = 12 * 3600_000;

/**
 * Asks bridges how often their tools were called. All of them now and then, which is one replica's work; those that
 * are about to end at once, by every replica, as their counts go with them.
 */
export class UsageCollector {
  readonly #clusters: Clusters;
  readonly #gateway: Pick<BridgeGateway, 'usage'>;
  readonly #store: Pick<UsageStore, 'take'>;
  readonly #logger: LoggerService;
  /** By pod: its last report, so that next to nothing is written while nobody calls. */
  readonly #seen = new Map<string, { text: string; at: number }>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #limit = pLimit(CONCURRENCY);
  readonly #stopped = new AbortController();
  #unsubscribe?: () => void;

  constructor(options: {
    clusters: Clusters;
    gateway: Pick<BridgeGateway, 'usage'>;
    store: Pick<UsageStore, 'take'>;
    logger: LoggerService;
  }) {
    this.#clusters = options.clusters;
    this.#gateway = options.gateway;
    this.#store = options.store;
    this.#logger = options.logger;
  }

  start(): void {
    this.#unsubscribe ??= this.#clusters.onChange((name, changed) => {
      const cluster = this.#clusters.get(name);
      for (const id of changed === 'all' ? cluster.serverIds() : changed) {
        this.#podsOf(cluster, id)
          .filter(isEnding)
          .forEach(pod =>
            this.#watchEnd(placeOf(cluster, pod), id, nameOf(pod)),
          );
      }
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopped.abort();
    await Promise.all(this.#ending.values());
  }

  /** Asks every bridge once. */
  async collect(): Promise<void> {
    const pods = this.#clusters
      .list()
      .filter(cluster => cluster.health().state === 'ok')
      .flatMap(cluster =>
        cluster
          .serverIds()
          .flatMap(id =>
            this.#podsOf(cluster, id).map(pod => ({ cluster, id, pod })),
          ),
      );
    const there = new Set(
      pods.map(({ cluster, pod }) => keyOf(cluster, nameOf(pod))),
    );
    [...this.#seen.keys()]
      .filter(key => !there.has(key))
      .forEach(key => this.#seen.delete(key));
    await Promise.all(
      pods.map(({ cluster, id, pod }) =>
        this.#limit(() => this.#ask(placeOf(cluster, pod), id, nameOf(pod))),
      ),
    );
  }

  #podsOf(cluster: Cluster, id: string): V1Pod[] {
    return cluster
      .observe({ id, name: '' })
      .pods.filter(pod => isLive(pod) && bridgeContainer(pod)?.state?.running);
  }

  #watchEnd(cluster: ClusterConnection, id: string, pod: string): void {
    const key = keyOf(cluster, pod);
    if (this.#ending.has(key) || this.#stopped.signal.aborted) {
      return;
    }
    const run = async () => {
      const { signal } = this.#stopped;
      const isThere = () =>
        this.#podsOf(cluster, id).some(one => nameOf(one) === pod);
      while (!signal.aborted && isThere()) {
        await this.#ask(cluster, id, pod);
        await pause(ENDING_MS, signal);
      }
    };
    this.#ending.set(
      key,
      run().finally(() => this.#ending.delete(key)),
    );
  }

  async #ask(
    cluster: ClusterConnection,
    id: string,
    pod: string,
  ): Promise<void> {
    const signal = AbortSignal.any([
      this.#stopped.signal,
      AbortSignal.timeout(ASK_TIMEOUT_MS),
    ]);
    try {
      const report = await this.#gateway.usage(cluster, { id }, pod, signal);
      const text = JSON.stringify(report);
      const key = keyOf(cluster, pod);
      const seen = this.#seen.get(key);
      const isKnown = seen?.text === text && Date.now() - seen.at < STILL_MS;
      if (report.usage.length && !isKnown) {
        await this.#store.take(id, report);
        this.#seen.set(key, { text, at: Date.now() });
      }
    } catch (error) {
      // It is asked again; what it counts only grows.
      this.#logger.debug(
        `The usage of pod ${pod} was not read`,
        error as Error,
      );
    }
  }
}

function placeOf(cluster: Cluster, pod: V1Pod): ClusterConnection {
  return inNamespace(cluster, pod.metadata?.namespace ?? '');
}

function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? '';
}

function keyOf({ name }: Cluster, pod: string): string {
  return `${name}/${pod}`;
}
