import { clusterOf } from '../clusters/clusterOf';
import type { Clusters } from '../clusters/types';
import { KubeApiError } from '../clusters/KubeApiError';
import type { SecretVersionRow, ServerRow } from '../database/rows';
import { LeaseLostError } from '../delivery/LeaseLostError';
import type { Delivery, SecretStore } from '../delivery/types';
import type { SecretVersions } from '../servers/SecretVersions';
import type { Lease } from './Lease';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';

/** How long pods that a move left behind get to end. What takes longer is looked at again later. */
const PATIENCE_MS = 90_000;

/** What removing takes. */
export interface ServerRemovalOptions {
  leases: LeaseStore;
  clusters: Clusters;
  delivery: Delivery;
  secretVersions: SecretVersions;
  secretStore: SecretStore;
}

interface Removal {
  operation: LeasedOperation;
  lease: Lease;
  server: ServerRow;
  signal: AbortSignal;
}

/** Takes what there is of a server out of clusters. */
export class ServerRemoval {
  readonly #options: ServerRemovalOptions;

  constructor(options: ServerRemovalOptions) {
    this.#options = options;
  }

  /** All of it, wherever it is. */
  async everywhere(removal: Removal): Promise<void> {
    const { leases, secretVersions } = this.#options;
    const { server } = removal;
    const versions = await secretVersions.listOf(server.id);
    const clusters = new Set([
      ...(await leases.clustersOf(server.id)),
      ...versions.map(({ cluster }) => cluster),
    ]);
    clusters.delete(server.cluster);
    await this.#from(server.cluster, versions, removal);
    for (const cluster of [...clusters].filter(this.#isKnown)) {
      await this.#from(cluster, versions, removal);
    }
  }

  /**
   * What is in other clusters than the server's own. Gives the names of those where something stays for now, as they
   * do not answer or pods do not end there: a server that has moved away from trouble must not wait for its end.
   */
  async elsewhere(
    now: ServerRow,
    removal: Omit<Removal, 'server'>,
  ): Promise<string[]> {
    const { leases, secretVersions } = this.#options;
    // Values that are about to be used by another move are pending.
    const versions = (await secretVersions.listOf(now.id)).filter(
      ({ state }) => state === 'active',
    );
    const left: string[] = [];
    for (const cluster of await leases.clustersOf(now.id)) {
      if (cluster !== now.cluster && this.#isKnown(cluster)) {
        const patience = AbortSignal.timeout(PATIENCE_MS);
        const signal = AbortSignal.any([removal.signal, patience]);
        try {
          await this.#from(cluster, versions, {
            ...removal,
            server: now,
            signal,
          });
        } catch (error) {
          removal.signal.throwIfAborted();
          const isAway = error instanceof KubeApiError && error.unreachable;
          if (!isAway && !patience.aborted) {
            throw error;
          }
          left.push(cluster);
        }
      }
    }
    return left;
  }

  async #from(
    name: string,
    versions: SecretVersionRow[],
    { operation, lease, server, signal }: Removal,
  ): Promise<void> {
    const { leases, clusters, delivery, secretVersions, secretStore } =
      this.#options;
    const inventory = await leases.inventory(server.id, name);
    const secrets = versions.filter(({ cluster }) => cluster === name);
    const namespaces = new Set([
      ...(name === server.cluster ? [server.namespace] : []),
      ...[...inventory, ...secrets].map(({ namespace }) => namespace),
    ]);
    for (const namespace of namespaces) {
      const cluster = clusterOf(clusters, { cluster: name, namespace });
      const there = inventory.filter(key => key.namespace === namespace);
      await delivery.remove(cluster, { id: server.id }, there, lease, signal);
      for (const row of secrets.filter(one => one.namespace === namespace)) {
        await lease.assertHeld();
        await secretStore.remove(cluster, { name: server.name }, row.version);
        await secretVersions.forget(row);
      }
    }
    // Last, as it tells where to look.
    if (!(await leases.setInventory(operation, name, [], []))) {
      throw new LeaseLostError();
    }
  }

  /** Whether a cluster is still configured: where nobody gets to there is nothing to wait for. */
  readonly #isKnown = (name: string): boolean =>
    this.#options.clusters.list().some(cluster => cluster.name === name);
}
