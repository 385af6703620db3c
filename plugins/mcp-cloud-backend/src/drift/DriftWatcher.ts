import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ServerDrift } from '@mcp-cloud/plugin-mcp-cloud-common';
import pLimit from 'p-limit';
import { pause } from '../clusters/backOff';
import type { Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import { Patience } from '../operations/Patience';
import type { ServerChanges } from '../servers/ServerChanges';
import type { ServerStore } from '../servers/ServerStore';
import type { DriftCheck } from './DriftCheck';
import type { DriftRepair } from './DriftRepair';
import { isLostSecret } from './isLostSecret';
import type { KnownDrift } from './KnownDrift';

/** One edit is often several writes. */
const SETTLE_MS = 300;
/** Until an operation that is under way is looked at again. */
const CHANGING_MS = 1_000;
/** Servers that are looked at at the same time. */
const CONCURRENCY = 4;
/** Whoever undoes repairs of the same thing is met ever more slowly, such as a controller that is not allowed. */
const PACE = {
  atOnce: 3,
  firstPauseMs: 10_000,
  longestPauseMs: 10 * 60_000,
};

/** What watching for drift takes. */
export interface DriftWatcherOptions {
  clusters: Clusters;
  store: ServerStore;
  check: DriftCheck;
  known: KnownDrift;
  repair: DriftRepair;
  changes: ServerChanges;
  periodMs: number;
  logger: LoggerService;
}

/**
 * Looks at servers whose objects somebody wrote, and at all of them from time to time; remembers what it finds, tells
 * pages, and repairs where the platform wants that.
 */
export class DriftWatcher {
  readonly #options: DriftWatcherOptions;
  readonly #due = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  readonly #patience = new Patience(PACE);
  readonly #limit = pLimit(CONCURRENCY);
  readonly #stopped = new AbortController();
  readonly #visits = new Set<Promise<void>>();
  #unsubscribe?: () => void;
  #rounds?: Promise<void>;

  constructor(options: DriftWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe ??= this.#options.clusters.onWrite(id =>
      this.#schedule(id, SETTLE_MS),
    );
    this.#rounds ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopped.abort();
    this.#due.forEach(({ timer }) => clearTimeout(timer));
    this.#due.clear();
    await this.#rounds;
    await Promise.all(this.#visits);
  }

  /** What is known, or what a look at the cluster tells when nothing is. */
  async of(server: ServerRow): Promise<ServerDrift> {
    const known = this.#options.known.get(server.id);
    return known?.state === 'none' || known?.state === 'drifted'
      ? known
      : this.#look(server);
  }

  async #run(): Promise<void> {
    const { store, periodMs, logger } = this.#options;
    const { signal } = this.#stopped;
    for (;;) {
      await pause(periodMs, signal);
      if (signal.aborted) {
        return;
      }
      try {
        const servers = await store.list();
        await Promise.all(
          servers.map(server => this.#limit(() => this.#visit(server.id))),
        );
      } catch (error) {
        logger.warn('Looking for drift failed', error as Error);
      }
    }
  }

  #schedule(serverId: string, ms: number): void {
    const at = Date.now() + ms;
    const due = this.#due.get(serverId);
    if (this.#stopped.signal.aborted || (due && due.at <= at)) {
      return;
    }
    clearTimeout(due?.timer);
    const timer = setTimeout(() => {
      this.#due.delete(serverId);
      const visit = this.#limit(() => this.#visit(serverId)).finally(() =>
        this.#visits.delete(visit),
      );
      this.#visits.add(visit);
    }, ms);
    this.#due.set(serverId, { at, timer });
  }

  async #visit(serverId: string): Promise<void> {
    const { store, known, logger } = this.#options;
    if (this.#stopped.signal.aborted) {
      return;
    }
    try {
      const server = await store.findById(serverId);
      if (!server || server.deleted_at !== null) {
        known.forget(serverId);
        return;
      }
      const drift = await this.#look(server);
      if (drift.state === 'changing') {
        this.#schedule(serverId, CHANGING_MS);
      } else if (
        drift.state === 'drifted' &&
        drift.repairsItself &&
        !drift.objects.every(isLostSecret)
      ) {
        await this.#repair(server, drift);
      }
    } catch (error) {
      logger.warn(
        `Drift of server ${serverId} was not found out`,
        error as Error,
      );
    }
  }

  async #look(server: ServerRow): Promise<ServerDrift> {
    const { check, known, changes } = this.#options;
    const drift = await check.of(server);
    if (known.set(server.id, drift)) {
      changes.changed(server.id);
    }
    return drift;
  }

  async #repair(server: ServerRow, drift: ServerDrift): Promise<void> {
    const what = drift.objects.map(({ kind, fields }) => [
      kind,
      fields.map(({ path }) => path),
    ]);
    const wait = this.#patience.waitFor(JSON.stringify([server.id, what]));
    if (wait) {
      this.#schedule(server.id, wait);
      return;
    }
    try {
      await this.#options.repair.repairByItself(server);
    } catch (error) {
      if ((error as Error).name !== 'ConflictError') {
        throw error;
      }
    }
    this.#schedule(server.id, CHANGING_MS);
  }
}
