import type { LoggerService } from '@backstage/backend-plugin-api';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { V1Pod } from '@kubernetes/client-node';
import pLimit from 'p-limit';
import { clusterOf } from '../clusters/clusterOf';
import type { ClusterConnection, Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { BridgeGateway } from '../mcp/types';
import type { CertainPod } from '../operations/endPods';
import type { OperationStore } from '../operations/OperationStore';
import type { RevisionStore } from '../servers/RevisionStore';
import type { ServerChanges } from '../servers/ServerChanges';
import type { ServerStore } from '../servers/ServerStore';
import { bridgeContainer, isEnding, isLive } from '../status/podFacts';
import type { Silence } from '../status/types';
import { askPod } from './askPod';
import type { Recovery } from './Recovery';

/** Pods that are asked at the same time. */
const CONCURRENCY = 16;
const BRIDGE_TIMEOUT_MS = 5_000;

/** What recovering servers takes. */
export interface WatchdogOptions {
  clusters: Clusters;
  gateway: Pick<BridgeGateway, 'probe' | 'report'>;
  store: ServerStore;
  revisions: Pick<RevisionStore, 'get'>;
  operations: OperationStore;
  recovery: Recovery;
  changes: ServerChanges;
  logger: LoggerService;
  /** How long a server has to answer. */
  afterMs: number;
  /** False: nothing is asked and nothing done. */
  enabled: boolean;
}

/**
 * Finds servers whose pods run, but which do not answer MCP clients, by being one, and has these pods replaced. Left
 * alone are servers that somebody works on, that are stopped, that need a user's credentials for a handshake, whose
 * revision never worked, and whose cluster or bridge does not answer.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #limit = pLimit(CONCURRENCY);

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Asks every pod once, or until its time is over. For one replica at a time. */
  async round(signal: AbortSignal): Promise<void> {
    const { store, operations, logger, enabled } = this.#options;
    if (!enabled) {
      return;
    }
    const [rows, busy] = await Promise.all([
      store.list(),
      operations.serversWithOpen(),
    ]);
    await Promise.all(
      rows
        .filter(row => isWatched(row) && !busy.has(row.id))
        .map(row =>
          this.#visit(row, signal).catch(error =>
            logger.warn(
              `Whether ${row.name} answers was not found out`,
              error as Error,
            ),
          ),
        ),
    );
  }

  async #visit(row: ServerRow, signal: AbortSignal): Promise<void> {
    const cluster = this.#clusterOf(row);
    if (!cluster) {
      return;
    }
    const since = new Date();
    const pods = startedPods(cluster, row);
    const { spec } = await this.#options.revisions.get(row.id, row.revision);
    const silentMs = Math.max(
      this.#options.afterMs,
      millisecondsOf(spec.handshakeTimeout),
    );
    const notes: Promise<void>[] = [];
    const onSilence = () => {
      const silence = { since: since.toISOString(), pods: notes.length + 1 };
      notes.push(this.#note(row, silence));
    };
    const verdicts = await Promise.all(
      pods.map(pod =>
        this.#limit(() =>
          askPod({
            ask: one =>
              this.#options.gateway.probe(cluster, row, pod.name, one),
            isBridgeAlive: () => this.#isBridgeAlive(cluster, row, pod),
            patienceMs: silentMs,
            onSilence,
            signal,
          }),
        ),
      ),
    );
    await Promise.all(notes);
    const wedged = pods.filter((_, index) => verdicts[index] === 'silent');
    if (signal.aborted) {
      return;
    }
    if (!wedged.length) {
      if (notes.length || row.silence) {
        await this.#note(row, null);
      }
      return;
    }
    await this.#recover(row, { pods: wedged, since, silentMs });
  }

  async #recover(
    row: ServerRow,
    found: { pods: CertainPod[]; since: Date; silentMs: number },
  ): Promise<void> {
    const { recovery, logger } = this.#options;
    const wait = await recovery.waitFor(row.id, new Date());
    if (wait) {
      await this.#note(row, {
        since: found.since.toISOString(),
        pods: found.pods.length,
        retryAt: new Date(Date.now() + wait).toISOString(),
      });
      return;
    }
    try {
      const { cause } = await recovery.recover(row, found);
      logger.warn(`Pods of ${row.name} are replaced: ${cause}`);
    } catch (error) {
      if ((error as Error).name !== 'ConflictError') {
        throw error;
      }
    }
  }

  /** Has the status say so, in every replica. */
  async #note(row: ServerRow, silence: Silence | null): Promise<void> {
    const { store, changes } = this.#options;
    const before: Silence | null = row.silence && JSON.parse(row.silence);
    const since = before?.since ?? silence?.since;
    await store.setSilence(row.id, silence && { ...silence, since: since! });
    changes.changed(row.id);
  }

  #clusterOf(row: ServerRow): ClusterConnection | undefined {
    const { clusters } = this.#options;
    const isReached = clusters
      .list()
      .some(one => one.name === row.cluster && one.health().state === 'ok');
    return isReached ? clusterOf(clusters, row) : undefined;
  }

  /** Its pod must still be there, too: a picture that nobody has touched meanwhile. */
  async #isBridgeAlive(
    cluster: ClusterConnection,
    row: ServerRow,
    pod: CertainPod,
  ): Promise<boolean> {
    const isThere = startedPods(cluster, row).some(
      ({ uid }) => uid === pod.uid,
    );
    if (!isThere || cluster.health().state !== 'ok') {
      return false;
    }
    try {
      const { draining } = await this.#options.gateway.report(
        cluster,
        row,
        pod.name,
        AbortSignal.timeout(BRIDGE_TIMEOUT_MS),
      );
      return !draining;
    } catch {
      return false;
    }
  }
}

/** Whether silence would be a fault: a revision that never worked is Kubernetes' and its owner's affair. */
function isWatched(row: ServerRow): boolean {
  return (
    row.run_state === 'running' &&
    row.handshake === 'full' &&
    row.good_revision === row.revision
  );
}

/** Pods that have once been ready, as their start-up probe is an MCP handshake. */
function startedPods(
  cluster: ClusterConnection,
  { id, name }: ServerRow,
): CertainPod[] {
  return cluster
    .observe({ id, name })
    .pods.filter(
      pod =>
        isLive(pod) &&
        !isEnding(pod) &&
        pod.metadata?.labels?.[SERVER_ID_LABEL] === id &&
        hasStarted(pod),
    )
    .map(({ metadata }) => ({ name: metadata!.name!, uid: metadata!.uid! }));
}

function hasStarted(pod: V1Pod): boolean {
  const bridge = bridgeContainer(pod);
  return Boolean(bridge?.state?.running && bridge.started);
}

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 24 * 3600e3,
};

/** Of a duration as Specs have it, such as `1h30m`. */
function millisecondsOf(duration: string | undefined): number {
  const parts = [...(duration ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit], 0);
}
