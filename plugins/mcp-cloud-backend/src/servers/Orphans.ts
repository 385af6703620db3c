import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Orphan, OrphanList } from '@mcp-cloud/plugin-mcp-cloud-common';
import { inNamespace } from '../clusters/inNamespace';
import type {
  ClusterConnection,
  Clusters,
  KubeObject,
} from '../clusters/types';
import { isDeployment, readObject } from '../delivery/liveObject';
import { secretsOf } from '../delivery/secretsOf';
import type { Delivery, ObjectKey } from '../delivery/types';
import type { ServerStore } from './ServerStore';

/** Above the stamp of any runner: nobody runs operations of a server that there is not. */
const FENCE = Number.MAX_SAFE_INTEGER;
const REMOVAL_MS = 60_000;

/**
 * Objects of servers that this portal does not have: left behind by a database that was lost, or brought by somebody
 * who copied a label.
 */
export class Orphans {
  readonly #store: Pick<ServerStore, 'findMany'>;
  readonly #clusters: Clusters;
  readonly #delivery: Delivery;

  constructor(options: {
    store: Pick<ServerStore, 'findMany'>;
    clusters: Clusters;
    delivery: Delivery;
  }) {
    this.#store = options.store;
    this.#clusters = options.clusters;
    this.#delivery = options.delivery;
  }

  async list(): Promise<OrphanList> {
    const items: Orphan[] = [];
    const unknownClusters: string[] = [];
    for (const cluster of this.#clusters.list()) {
      const known = cluster.objects();
      if (!known || cluster.health().state !== 'ok') {
        unknownClusters.push(cluster.name);
        continue;
      }
      const living = await this.#store.findMany([...known.keys()]);
      const ids = new Set(living.map(({ id }) => id));
      for (const [serverId, keys] of known) {
        if (!ids.has(serverId)) {
          const objects = keys.map(({ kind, namespace, name }) => ({
            kind,
            namespace,
            name,
          }));
          items.push({ cluster: cluster.name, serverId, objects });
        }
      }
    }
    return { items, unknownClusters };
  }

  /** Removes the objects of one orphan, the Secrets that go with them included, and waits until its pods are gone. */
  async remove(clusterName: string, serverId: string): Promise<void> {
    const cluster = this.#clusters.get(clusterName);
    const keys = cluster.objects()?.get(serverId);
    if (!keys) {
      throw new NotFoundError(
        `The cluster ${clusterName} has no objects of a server ${serverId}.`,
      );
    }
    if ((await this.#store.findMany([serverId])).length) {
      throw new ConflictError(
        'These objects belong to a server that there is. Delete the server instead.',
      );
    }
    for (const namespace of new Set(keys.map(key => key.namespace))) {
      const place = inNamespace(cluster, namespace);
      const there = keys.filter(key => key.namespace === namespace);
      await this.#delivery.remove(
        place,
        { id: serverId },
        [...there, ...(await this.#unlisted(place, there))],
        { fence: FENCE, assertHeld: async () => {} },
        AbortSignal.timeout(REMOVAL_MS),
      );
    }
  }

  /**
   * Secrets are never listed, and ConfigMaps not across namespaces: they are known by the names that these objects
   * have, and by what their pods use.
   */
  async #unlisted(
    cluster: ClusterConnection,
    keys: ObjectKey[],
  ): Promise<ObjectKey[]> {
    const deployments = keys.filter(isDeployment).map(({ name }) => name);
    const names = deployments.map(name => `${name}--bridge`);
    for (const key of keys.filter(isDeployment)) {
      const deployment = await readObject<KubeObject>(cluster, key);
      for (const name of secretsOf(deployment ? [deployment] : [])) {
        const [, prefix, last] = /^(mcp-.+--env-)(\d+)$/.exec(name) ?? [];
        // Earlier versions are kept for rollbacks.
        for (let version = 1; version <= Number(last); version += 1) {
          names.push(`${prefix}${version}`);
        }
      }
    }
    const { namespace } = cluster;
    const configMaps = deployments.flatMap(name => [name, `${name}--files`]);
    return [
      ...names.map(name => ({ kind: 'Secret', name })),
      ...configMaps.map(name => ({ kind: 'ConfigMap', name })),
    ].map(key => ({ apiVersion: 'v1', namespace, ...key }));
  }
}
