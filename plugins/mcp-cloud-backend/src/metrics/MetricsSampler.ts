import type { LoggerService } from '@backstage/backend-plugin-api';
import type { V1Pod } from '@kubernetes/client-node';
import {
  MANAGED_BY,
  SERVER_ID_LABEL,
  type MetricsView,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { pause } from '../clusters/backOff';
import { KubeApiError } from '../clusters/KubeApiError';
import { collectionPath } from '../clusters/resourcePath';
import type { Cluster, Clusters } from '../clusters/types';
import { parseQuantity } from '../manifests/quantity';
import { isLive } from '../status/podFacts';

const STEP_SECONDS = 10;
const KEEP_SAMPLES = 3600 / STEP_SECONDS;

/** A PodMetrics object of metrics.k8s.io. */
interface PodMetrics {
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
  };
  timestamp: string;
  containers: Array<{ name: string; usage: { cpu: string; memory: string } }>;
}

type Sample = MetricsView['samples'][number];

interface ClusterMetrics {
  /** By server id, oldest first. */
  samples: Map<string, Sample[]>;
  pods: Map<string, { cpuMillicores: number; memoryBytes: number }>;
  unavailable?: string;
}

/**
 * Reads the usage of all pods of ours every 10 s, by one request per cluster, and keeps an hour of it by server in
 * memory.
 */
export class MetricsSampler {
  readonly #clusters: Clusters;
  readonly #logger: LoggerService;
  readonly #stepMs: number;
  readonly #byCluster = new Map<string, ClusterMetrics>();
  readonly #stopped = new AbortController();
  #running?: Promise<unknown>;

  constructor(options: {
    clusters: Clusters;
    logger: LoggerService;
    stepMs?: number;
  }) {
    this.#clusters = options.clusters;
    this.#logger = options.logger;
    this.#stepMs = options.stepMs ?? STEP_SECONDS * 1000;
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

  /** Latest usage of one pod. */
  usage(
    cluster: string,
    pod: string,
  ): { cpuMillicores: number; memoryBytes: number } | undefined {
    return this.#byCluster.get(cluster)?.pods.get(pod);
  }

  view(server: { id: string; name: string; cluster: string }): MetricsView {
    const metrics = this.#byCluster.get(server.cluster);
    let pods: V1Pod[] = [];
    try {
      pods = this.#clusters.get(server.cluster).observe(server).pods;
    } catch {
      // Not configured any more: there are no pods, and the reason stands below.
    }
    const unavailable = metrics
      ? metrics.unavailable
      : 'No sample has been taken yet.';
    return {
      stepSeconds: this.#stepMs / 1000,
      samples: metrics?.samples.get(server.id) ?? [],
      limits: limitsOf(pods),
      ...(unavailable ? { unavailable } : {}),
    };
  }

  async #run(cluster: Cluster): Promise<void> {
    const { signal } = this.#stopped;
    const metrics: ClusterMetrics = {
      samples: new Map(),
      pods: new Map(),
      unavailable: 'No sample has been taken yet.',
    };
    this.#byCluster.set(cluster.name, metrics);
    while (!signal.aborted) {
      const begin = Date.now();
      // Against an API server that is away it would only wait for its time-out.
      if (cluster.health().state === 'ok') {
        await this.#sample(cluster, metrics, signal);
      }
      // The first ones soon, so that a page that opens after a start has something to show.
      const step = metrics.unavailable
        ? Math.min(this.#stepMs, 2_000)
        : this.#stepMs;
      await pause(Math.max(100, step - (Date.now() - begin)), signal);
    }
  }

  async #sample(
    cluster: Cluster,
    metrics: ClusterMetrics,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespaces } = cluster;
    try {
      const { items } = await cluster.api.json<{ items: PodMetrics[] }>({
        method: 'GET',
        path: collectionPath(
          'metrics.k8s.io/v1beta1',
          'Pod',
          namespaces.watched,
        ),
        query: { labelSelector: `app.kubernetes.io/managed-by=${MANAGED_BY}` },
        signal,
      });
      const ours = items.filter(({ metadata }) =>
        namespaces.has(metadata.namespace),
      );
      take(metrics, ours, new Date());
      metrics.unavailable = undefined;
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const reason = reasonFor(error);
      if (metrics.unavailable !== reason) {
        this.#logger.warn(`No metrics from cluster ${cluster.name}: ${reason}`);
      }
      metrics.unavailable = reason;
      metrics.pods.clear();
    }
  }
}

function take(metrics: ClusterMetrics, items: PodMetrics[], now: Date): void {
  metrics.pods.clear();
  const sums = new Map<string, Sample>();
  for (const item of items) {
    let cpuMillicores = 0;
    let memoryBytes = 0;
    for (const { usage } of item.containers) {
      cpuMillicores += parseQuantity(usage.cpu) * 1000 || 0;
      memoryBytes += parseQuantity(usage.memory) || 0;
    }
    cpuMillicores = Math.round(cpuMillicores * 10) / 10;
    metrics.pods.set(item.metadata.name, { cpuMillicores, memoryBytes });
    const id = item.metadata.labels?.[SERVER_ID_LABEL];
    if (id) {
      const sum = sums.get(id) ?? {
        at: now.toISOString(),
        cpuMillicores: 0,
        memoryBytes: 0,
        pods: 0,
      };
      sum.cpuMillicores =
        Math.round((sum.cpuMillicores + cpuMillicores) * 10) / 10;
      sum.memoryBytes += memoryBytes;
      sum.pods += 1;
      sums.set(id, sum);
    }
  }
  for (const [id, sum] of sums) {
    const samples = [...(metrics.samples.get(id) ?? []), sum].slice(
      -KEEP_SAMPLES,
    );
    metrics.samples.set(id, samples);
  }
  const oldest = now.getTime() - KEEP_SAMPLES * STEP_SECONDS * 1000;
  for (const [id, samples] of metrics.samples) {
    const kept = samples.filter(sample => Date.parse(sample.at) >= oldest);
    if (kept.length) {
      metrics.samples.set(id, kept);
    } else {
      metrics.samples.delete(id);
    }
  }
}

function reasonFor(error: unknown): string {
  const { status, message } = KubeApiError.fromCause(error);
  if (status === 404 || status === 503) {
    return 'The cluster serves no metrics: metrics-server is not installed or not ready.';
  }
  return status === 403
    ? "The backend's account may not read metrics in this cluster."
    : message;
}

/** Sums over the pods' limits; missing where one pod has none. */
function limitsOf(pods: V1Pod[]): MetricsView['limits'] {
  const live = pods.filter(isLive);
  const sum = (
    resource: 'cpu' | 'memory',
    factor: number,
  ): number | undefined => {
    const each = live.map(pod =>
      (pod.spec?.containers ?? []).reduce(
        (total, container) =>
          total +
          parseQuantity(container.resources?.limits?.[resource] ?? 'none') *
            factor,
        0,
      ),
    );
    const total = each.reduce((a, b) => a + b, 0);
    return each.length && Number.isFinite(total) ? total : undefined;
  };
  const cpuMillicores = sum('cpu', 1000);
  const memoryBytes = sum('memory', 1);
  return {
    ...(cpuMillicores === undefined ? {} : { cpuMillicores }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}
