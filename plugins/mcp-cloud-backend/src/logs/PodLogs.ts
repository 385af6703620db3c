import { NotFoundError } from '@backstage/errors';
import type { V1Pod } from '@kubernetes/client-node';
import type { LogLine } from '@mcp-cloud/plugin-mcp-cloud-common';
import { backOff, pause } from '../clusters/backOff';
import { readText } from '../clusters/HttpKubeApi';
import { KubeApiError } from '../clusters/KubeApiError';
import { readLines } from '../clusters/readLines';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, Clusters } from '../clusters/types';
import { bridgeContainer, bridgeContainerName } from '../status/podFacts';
import { BoundedQueue } from './BoundedQueue';
import { readableLine } from './readableLine';

/** Which lines: of one pod or of all, merged. */
export interface PodLogQuery {
  pod?: string;
  /** The container's run before the current one. */
  previous?: boolean;
  /** Lines from the end, of each pod; 200 by default, at most 5,000. */
  tailLines?: number;
  sinceSeconds?: number;
}

const DEFAULT_TAIL = 200;
const MAX_TAIL = 5_000;
const QUEUE_LINES = 1_000;
/** Pods whose logs are read at the same time; with more, those made last. */
const MAX_PODS = 20;
const MAX_LINE = 1024 * 1024;
/** A longer line is cut: nobody reads it, and pages would choke on it. */
const SHOWN_LENGTH = 16_384;

type ServerRef = { id: string; name: string };

/** Reads what a server's pods write, line by line; nothing is held back or kept whole. */
export class PodLogs {
  readonly #clusters: Clusters;

  constructor(options: { clusters: Clusters }) {
    this.#clusters = options.clusters;
  }

  /** The last lines of the pods that there are now, by time. Throws `NotFoundError` for a pod that is not the server's. */
  async tail(
    cluster: ClusterConnection,
    server: ServerRef,
    query: PodLogQuery,
    signal: AbortSignal,
  ): Promise<LogLine[]> {
    const pods = choosePods(cluster, server, query);
    const lines = await Promise.all(
      pods.map(async pod => {
        const own: LogLine[] = [];
        try {
          for await (const line of this.#read(
            cluster,
            pod,
            { ...query, follow: false },
            signal,
          )) {
            own.push(line);
          }
        } catch (error) {
          // A pod that has not started or is just gone has no lines. Who asks for that one pod is told so.
          if (
            query.pod ||
            !(error instanceof KubeApiError) ||
            error.unreachable ||
            ![400, 404].includes(error.status)
          ) {
            throw error;
          }
        }
        return own;
      }),
    );
    return lines.flat().sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
  }

  /**
   * The last lines and then each new one as it comes, those of pods that come later included, until the signal
   * aborts. A pod's stream that ends early is taken up again where it ended.
   */
  async *follow(
    cluster: ClusterConnection,
    server: ServerRef,
    query: PodLogQuery,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    choosePods(cluster, server, query);
    const queue = new BoundedQueue<LogLine>(QUEUE_LINES);
    const own = new AbortController();
    const stop = AbortSignal.any([signal, own.signal]);
    const followed = new Set<string>();
    let firstPods = true;
    const look = () => {
      for (const pod of choosePodsQuietly(cluster, server, query)) {
        const uid = pod.metadata?.uid ?? pod.metadata?.name ?? '';
        if (!followed.has(uid) && hasStarted(pod) && !stop.aborted) {
          followed.add(uid);
          // Of a pod that comes while we follow every line is new.
          const first = firstPods
            ? query
            : { ...query, tailLines: MAX_TAIL, sinceSeconds: undefined };
          this.#followPod(cluster, server, pod, first, queue, stop).catch(
            error => queue.end(error),
          );
        }
      }
    };
    const unsubscribe = this.#clusters.onChange((name, changed) => {
      if (
        name === cluster.name &&
        (changed === 'all' || changed.has(server.id))
      ) {
        look();
      }
    });
    const ended = () => queue.end();
    stop.addEventListener('abort', ended, { once: true });
    look();
    firstPods = false;
    if (stop.aborted) {
      ended();
    }
    try {
      yield* queue;
    } finally {
      unsubscribe();
      own.abort();
    }
  }

  async #followPod(
    cluster: ClusterConnection,
    server: ServerRef,
    pod: V1Pod,
    query: PodLogQuery,
    queue: BoundedQueue<LogLine>,
    signal: AbortSignal,
  ): Promise<void> {
    let last: string | undefined;
    let attempt = 0;
    while (!signal.aborted) {
      try {
        const from = last ? { pod: query.pod, sinceTime: last } : query;
        for await (const line of this.#read(
          cluster,
          pod,
          { ...from, follow: true },
          signal,
        )) {
          // The API server counts in whole seconds, so what was read in that second comes again.
          if (last && line.at && line.at <= last) {
            continue;
          }
          attempt = 0;
          last = line.at ?? last;
          if (!(await queue.push(line))) {
            return;
          }
        }
        if (query.previous) {
          return;
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (error instanceof KubeApiError && error.status === 403) {
          throw error;
        }
      }
      const uid = pod.metadata?.uid;
      if (
        !cluster.observe(server).pods.some(one => one.metadata?.uid === uid)
      ) {
        return;
      }
      await pause(backOff(attempt) / 2, signal);
      attempt += 1;
    }
  }

  async *#read(
    cluster: ClusterConnection,
    pod: V1Pod,
    query: PodLogQuery & { follow: boolean; sinceTime?: string },
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const name = pod.metadata?.name ?? '';
    const response = await cluster.api.stream({
      method: 'GET',
      path: `${objectPath({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: cluster.namespace,
        name,
      })}/log`,
      query: {
        container: bridgeContainerName(pod),
        timestamps: true,
        follow: query.follow || undefined,
        previous: query.previous || undefined,
        tailLines: query.sinceTime
          ? undefined
          : Math.min(query.tailLines ?? DEFAULT_TAIL, MAX_TAIL),
        sinceSeconds: query.sinceTime ? undefined : query.sinceSeconds,
        sinceTime: query.sinceTime,
      },
      signal,
      headersTimeoutMs: 10_000,
    });
    if (response.statusCode !== 200) {
      throw KubeApiError.fromResponse(
        response.statusCode ?? 0,
        await readText(response, 64 * 1024),
      );
    }
    try {
      for await (const raw of readLines(response, {
        maxLength: MAX_LINE,
        lastWithoutEnd: !query.follow,
      })) {
        yield logLine(name, raw);
      }
    } finally {
      response.destroy();
    }
  }
}

/** Splits the timestamp that the API server puts before each line from the line. */
export function logLine(pod: string, raw: string): LogLine {
  const match =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(
      raw,
    );
  const text = readableLine(match ? match[2] : raw);
  const shown =
    text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}… (cut)` : text;
  return match ? { pod, at: match[1], text: shown } : { pod, text: shown };
}

function choosePods(
  cluster: ClusterConnection,
  server: ServerRef,
  query: PodLogQuery,
): V1Pod[] {
  const pods = choosePodsQuietly(cluster, server, query);
  if (query.pod && !pods.length) {
    throw new NotFoundError(
      `The server ${server.name} has no pod ${query.pod}.`,
    );
  }
  return pods;
}

/** Only ever pods of this server: the name comes from outside. */
function choosePodsQuietly(
  cluster: ClusterConnection,
  server: ServerRef,
  query: PodLogQuery,
): V1Pod[] {
  return cluster
    .observe(server)
    .pods.filter(pod => !query.pod || pod.metadata?.name === query.pod)
    .sort((a, b) =>
      String(b.metadata?.creationTimestamp).localeCompare(
        String(a.metadata?.creationTimestamp),
      ),
    )
    .slice(0, MAX_PODS);
}

/** Whether there can be lines: a container that has not run yet only gives an error. */
function hasStarted(pod: V1Pod): boolean {
  const { state, lastState } = bridgeContainer(pod) ?? {};
  return Boolean(state?.running || state?.terminated || lastState?.terminated);
}
