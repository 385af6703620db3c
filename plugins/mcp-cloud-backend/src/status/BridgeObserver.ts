import type { LoggerService } from '@backstage/backend-plugin-api';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import pLimit from 'p-limit';
import { pause } from '../clusters/backOff';
import { inNamespace } from '../clusters/inNamespace';
import type { Cluster, Clusters } from '../clusters/types';
import { BridgeUnreachableError } from '../mcp/BridgeUnreachableError';
import type { BridgeGateway } from '../mcp/types';
import { isEnding, isLive, isReady, bridgeContainer } from './podFacts';

const PERIOD_MS = 2_000;
const ASK_TIMEOUT_MS = 2_500;
/** Questions under way at the same time, and asked per round, in one cluster. */
const CONCURRENCY = 4;
const PER_ROUND = 20;

interface Candidate {
  serverId: string;
  namespace: string;
  pod: string;
}

/**
 * Asks the bridges of pods that run but are not ready what is wrong, every 2 s, and leaves those that are ready in
 * peace. With more of them than one round takes, those that were asked longest ago come first.
 */
export class BridgeObserver {
  readonly #clusters: Clusters;
  readonly #gateway: Pick<BridgeGateway, 'report'>;
  readonly #logger: LoggerService;
  readonly #periodMs: number;
  readonly #askedAt = new Map<string, number>();
  readonly #stopped = new AbortController();
  #running?: Promise<unknown>;

  constructor(options: {
    clusters: Clusters;
    gateway: Pick<BridgeGateway, 'report'>;
    logger: LoggerService;
    periodMs?: number;
  }) {
    this.#clusters = options.clusters;
    this.#gateway = options.gateway;
    this.#logger = options.logger;
    this.#periodMs = options.periodMs ?? PERIOD_MS;
  }

  start(): void {
    this.#running ??= Promise.all(
      this.#clusters.list().map(cluster => this.#run(cluster)),
    );
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(cluster: Cluster): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#round(cluster, signal);
      } catch (error) {
        this.#logger.warn(
          `Asking the bridges of cluster ${cluster.name} failed`,
          error as Error,
        );
      }
      await pause(this.#periodMs, signal);
    }
  }

  async #round(cluster: Cluster, signal: AbortSignal): Promise<void> {
    if (cluster.health().state !== 'ok') {
      return;
    }
    const candidates = this.#candidates(cluster);
    const limit = pLimit(CONCURRENCY);
    await Promise.all(
      candidates.map(candidate =>
        limit(() => this.#ask(cluster, candidate, signal)),
      ),
    );
  }

  #candidates(cluster: Cluster): Candidate[] {
    const found: Candidate[] = [];
    for (const serverId of cluster.serverIds()) {
      for (const pod of cluster.observe({ id: serverId, name: '' }).pods) {
        const name = pod.metadata?.name;
        const asks =
          isLive(pod) &&
          !isEnding(pod) &&
          !isReady(pod) &&
          bridgeContainer(pod)?.state?.running;
        if (
          name &&
          asks &&
          pod.metadata?.labels?.[SERVER_ID_LABEL] === serverId
        ) {
          const { namespace = '' } = pod.metadata;
          found.push({ serverId, namespace, pod: name });
        }
      }
    }
    const key = (candidate: Candidate) => `${cluster.name}/${candidate.pod}`;
    const current = new Set(found.map(key));
    for (const known of [...this.#askedAt.keys()]) {
      if (known.startsWith(`${cluster.name}/`) && !current.has(known)) {
        this.#askedAt.delete(known);
      }
    }
    found.sort(
      (a, b) =>
        (this.#askedAt.get(key(a)) ?? 0) - (this.#askedAt.get(key(b)) ?? 0),
    );
    const chosen = found.slice(0, PER_ROUND);
    chosen.forEach(candidate => this.#askedAt.set(key(candidate), Date.now()));
    return chosen;
  }

  async #ask(
    cluster: Cluster,
    { serverId, namespace, pod }: Candidate,
    signal: AbortSignal,
  ): Promise<void> {
    const timed = AbortSignal.any([
      signal,
      AbortSignal.timeout(ASK_TIMEOUT_MS),
    ]);
    try {
      const report = await this.#gateway.report(
        inNamespace(cluster, namespace),
        { id: serverId },
        pod,
        timed,
      );
      cluster.noteBridge(serverId, pod, { at: new Date(), report });
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const nothingListens = error instanceof BridgeUnreachableError;
      // A bridge that spoke before is there: a question that got lost must not erase what it said.
      const before = cluster
        .observe({ id: serverId, name: '' })
        .bridges.get(pod);
      if (
        before &&
        'report' in before &&
        Date.now() - before.at.getTime() < 15_000
      ) {
        return;
      }
      cluster.noteBridge(serverId, pod, {
        at: new Date(),
        error: error instanceof Error ? error.message : String(error),
        nothingListens,
      });
    }
  }
}
