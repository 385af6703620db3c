import type { ServerDrift } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterOf } from '../clusters/clusterOf';
import type { Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { DriftFinder } from '../delivery/types';
import type { AppliedManifests } from '../operations/AppliedManifests';
import type { OperationStore } from '../operations/OperationStore';

/** How drift is dealt with. */
export interface DriftSettings {
  /** Field managers that may change our objects, such as the one of HPAs. */
  allowedManagers: ReadonlySet<string>;
  /** Whether it is repaired without anybody asking. */
  repairsItself: boolean;
  /** Time between two looks at a server of which no write was heard. */
  periodMs: number;
}

/** Compares a server's objects in its cluster with what was applied. */
export class DriftCheck {
  readonly #operations: OperationStore;
  readonly #applied: AppliedManifests;
  readonly #clusters: Clusters;
  readonly #finder: DriftFinder;
  readonly #settings: DriftSettings;

  constructor(options: {
    operations: OperationStore;
    applied: AppliedManifests;
    clusters: Clusters;
    finder: DriftFinder;
    settings: DriftSettings;
  }) {
    this.#operations = options.operations;
    this.#applied = options.applied;
    this.#clusters = options.clusters;
    this.#finder = options.finder;
    this.#settings = options.settings;
  }

  async of(server: ServerRow): Promise<ServerDrift> {
    const result = await this.#look(server);
    return {
      objects: [],
      ...result,
      checkedAt: new Date().toISOString(),
      repairsItself: this.#settings.repairsItself,
    };
  }

  async #look(
    server: ServerRow,
  ): Promise<Pick<ServerDrift, 'state'> & Partial<ServerDrift>> {
    if (await this.#operations.hasOpen(server.id)) {
      return { state: 'changing' };
    }
    const applied = await this.#applied.of(server.id);
    if (!applied.length) {
      return { state: 'unknown', problem: 'Nothing has been applied yet.' };
    }
    try {
      const cluster = clusterOf(this.#clusters, server);
      const objects = await this.#finder.find(
        cluster,
        applied,
        this.#settings.allowedManagers,
      );
      // What an operation has begun to write meanwhile is no drift.
      return (await this.#operations.hasOpen(server.id))
        ? { state: 'changing' }
        : { state: objects.length ? 'drifted' : 'none', objects };
    } catch (error) {
      return { state: 'unknown', problem: (error as Error).message };
    }
  }
}
