import { ConflictError } from '@backstage/errors';
import {
  FENCE_ANNOTATION,
  MANAGED_BY,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { METADATA_ONLY } from '../clusters/metadataOnly';
import { collectionPath, objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { REPLICAS_MANAGER, replicasLeftTo, withReplicas } from './autoscaling';
import { LeaseLostError } from './LeaseLostError';
import {
  belongsTo,
  isDeployment,
  keyOf,
  readObject,
  serverIdOf,
  WRITE_TIMEOUT_MS,
  type Live,
} from './liveObject';
import { takenOver, withoutFieldsOf } from './managedFields';
import type { ObjectKey, WriteGuard } from './types';
import { withNewValue } from './withNewValue';

/** Tries for one object; each failed one means that somebody else wrote it in between. */
const MAX_TRIES = 8;

/**
 * Writes one object at a time. Each object carries the fence of the runner that wrote it last; a write names the
 * version of the object that was looked at, and creation refuses an object that is there already. So a runner that was
 * paused at any point and wakes up later cannot overwrite a newer one's work: its write fails, it looks again, sees
 * the higher fence and stops.
 */
export class ObjectWriter {
  readonly #cluster: ClusterConnection;
  readonly #guard: WriteGuard;

  constructor(cluster: ClusterConnection, guard: WriteGuard) {
    this.#cluster = cluster;
    this.#guard = guard;
  }

  /**
   * With `keep`, what managers other than these added to the object goes, and what these set stays. The number of pods
   * is left to the autoscaler that is among `all` that belongs together.
   */
  async apply(
    object: KubeObject,
    { all, keep }: { all: KubeObject[]; keep?: ReadonlySet<string> },
  ): Promise<Live> {
    const key = keyOf(object, this.#cluster.namespace);
    const stamped = stamp(object, this.#guard.fence);
    let live = await readObject(this.#cluster, key);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      try {
        const replicas = isDeployment(object)
          ? replicasLeftTo(all, object, live)
          : undefined;
        if (!live) {
          await this.#guard.assertHeld();
          live = await this.#cluster.api.json<Live>({
            method: 'POST',
            path: collectionPath(key.apiVersion, key.kind, key.namespace),
            query: { fieldManager: MANAGED_BY },
            body: withReplicas(stamped, replicas),
            headersTimeoutMs: WRITE_TIMEOUT_MS,
          });
          live = await this.#adopt(key, live);
          if (replicas === undefined) {
            return live;
          }
        }
        assertOurs(live, key, serverIdOf(object));
        assertNotFenced(live, key, this.#guard.fence);
        if (live.metadata.deletionTimestamp) {
          throw new ConflictError(
            `${key.kind} ${key.name} is being deleted. Try again when it is gone.`,
          );
        }
        live = await this.#adopt(key, live);
        const body = keep ? withoutFieldsOf(keep, stamped, live) : stamped;
        live = keep ? await this.#takeOver(key, live, keep) : live;
        if (replicas !== undefined) {
          live = await this.#handOver(key, live, replicas);
        }
        await this.#guard.assertHeld();
        return await this.#cluster.api.json<Live>({
          method: 'PATCH',
          path: objectPath(key),
          query: { fieldManager: MANAGED_BY, force: true },
          contentType: 'application/apply-patch+yaml',
          body: {
            ...body,
            metadata: {
              ...body.metadata,
              uid: live.metadata.uid,
              resourceVersion: live.metadata.resourceVersion,
            },
          },
          headersTimeoutMs: WRITE_TIMEOUT_MS,
        });
      } catch (error) {
        // 409: changed or created by somebody since it was read. 404: deleted since.
        if (
          !(error instanceof KubeApiError) ||
          (error.status !== 409 && error.status !== 404) ||
          isNamespaceGone(error)
        ) {
          throw error;
        }
        live = await readObject(this.#cluster, key);
      }
    }
    throw new ConflictError(
      `${key.kind} ${key.name} kept changing while it was written. Try again.`,
    );
  }

  /**
   * Creates a Secret with a value of chance if there is none, and leaves one that is there as it is. A runner that was
   * paused can do no harm here: it never changes a value, and what it makes too late its successor finds and keeps.
   */
  async makeOnce(object: KubeObject): Promise<Live> {
    const key = keyOf(object, this.#cluster.namespace);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const live = await readObject(this.#cluster, key);
      if (live) {
        assertOurs(live, key, serverIdOf(object));
        assertNotFenced(live, key, this.#guard.fence);
        return live;
      }
      await this.#guard.assertHeld();
      try {
        return await this.#cluster.api.json<Live>({
          method: 'POST',
          path: collectionPath(key.apiVersion, key.kind, key.namespace),
          query: { fieldManager: MANAGED_BY },
          headers: { accept: METADATA_ONLY },
          body: withNewValue(stamp(object, this.#guard.fence)),
          headersTimeoutMs: WRITE_TIMEOUT_MS,
        });
      } catch (error) {
        // Somebody was faster: theirs is the value.
        if (
          !(error instanceof KubeApiError) ||
          error.reason !== 'AlreadyExists'
        ) {
          throw error;
        }
      }
    }
    throw new ConflictError(
      `${key.kind} ${key.name} came and went while it was made. Try again.`,
    );
  }

  /** An object that is not this server's has taken the name: there is nothing of ours left to remove. */
  async remove(key: ObjectKey, serverId: string | undefined): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const live = await readObject(this.#cluster, key);
      if (!live || live.metadata.labels?.[SERVER_ID_LABEL] !== serverId) {
        return;
      }
      assertNotFenced(live, key, this.#guard.fence);
      if (live.metadata.deletionTimestamp) {
        return;
      }
      await this.#guard.assertHeld();
      try {
        await this.#cluster.api.json({
          method: 'DELETE',
          path: objectPath(key),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: 'Background',
            preconditions: {
              uid: live.metadata.uid,
              resourceVersion: live.metadata.resourceVersion,
            },
          },
          headersTimeoutMs: WRITE_TIMEOUT_MS,
        });
        return;
      } catch (error) {
        if (error instanceof KubeApiError && error.status === 404) {
          return;
        }
        if (!(error instanceof KubeApiError) || error.status !== 409) {
          throw error;
        }
      }
    }
    throw new ConflictError(
      `${key.kind} ${key.name} kept changing while it was removed. Try again.`,
    );
  }

  /**
   * Creation by POST is the only write that is sure not to hit an existing object, but it leaves our fields owned by
   * an `Update` entry, from which later applies would never remove anything. This turns the entry into one of
   * `Apply`. A runner that dies in between leaves that to the next.
   */
  async #adopt(key: ObjectKey, live: Live): Promise<Live> {
    const entries = live.metadata.managedFields ?? [];
    const own = (operation: string) =>
      entries.findIndex(
        entry =>
          entry.manager === MANAGED_BY &&
          entry.operation === operation &&
          !entry.subresource,
      );
    const index = own('Update');
    if (index < 0) {
      return live;
    }
    const at = `/metadata/managedFields/${index}`;
    // Beside an Apply entry of ours a second one is not allowed: then the Update entry just goes.
    return this.#patchMetadata(
      key,
      live,
      own('Apply') >= 0
        ? { op: 'remove', path: at }
        : { op: 'replace', path: `${at}/operation`, value: 'Apply' },
    );
  }

  /**
   * Has another field manager hold the number of pods: to apply without a field that nobody else holds sets it back to
   * its default, which is one pod.
   */
  async #handOver(key: ObjectKey, live: Live, replicas: number): Promise<Live> {
    await this.#guard.assertHeld();
    return this.#cluster.api.json<Live>({
      method: 'PATCH',
      path: objectPath(key),
      query: { fieldManager: REPLICAS_MANAGER, force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: key.apiVersion,
        kind: key.kind,
        metadata: {
          name: key.name,
          uid: live.metadata.uid,
          resourceVersion: live.metadata.resourceVersion,
        },
        spec: { replicas },
      },
      headersTimeoutMs: WRITE_TIMEOUT_MS,
    });
  }

  /** Makes what strangers set ours, so that the apply that follows removes it. */
  async #takeOver(
    key: ObjectKey,
    live: Live,
    keep: ReadonlySet<string>,
  ): Promise<Live> {
    const value = takenOver(live.metadata.managedFields ?? [], keep);
    return value
      ? this.#patchMetadata(key, live, {
          op: 'replace',
          path: '/metadata/managedFields',
          value,
        })
      : live;
  }

  async #patchMetadata(
    key: ObjectKey,
    live: Live,
    operation: { op: string; path: string; value?: unknown },
  ): Promise<Live> {
    await this.#guard.assertHeld();
    return this.#cluster.api.json<Live>({
      method: 'PATCH',
      path: objectPath(key),
      contentType: 'application/json-patch+json',
      query: { fieldManager: MANAGED_BY },
      body: [
        {
          op: 'replace',
          path: '/metadata/resourceVersion',
          value: live.metadata.resourceVersion,
        },
        operation,
      ],
      headersTimeoutMs: WRITE_TIMEOUT_MS,
    });
  }
}

function stamp(object: KubeObject, fence: number): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...object.metadata.annotations,
        [FENCE_ANNOTATION]: String(fence),
      },
    },
  };
}

function assertNotFenced(live: Live, key: ObjectKey, fence: number): void {
  const found = Number(live.metadata.annotations?.[FENCE_ANNOTATION] ?? 0);
  if (found > fence) {
    throw new LeaseLostError(
      `${key.kind} ${key.name} was written by a newer run (${found}, this one is ${fence}).`,
      found,
    );
  }
}

function assertOurs(
  live: Live,
  key: ObjectKey,
  serverId: string | undefined,
): void {
  if (!belongsTo(live, serverId)) {
    throw new ConflictError(
      `The cluster already has a ${key.kind} called ${key.name} in namespace ${key.namespace} that belongs to something else. Remove it or choose another name.`,
    );
  }
}

/** A 404 that means the namespace and not the object; looking again would not help. */
function isNamespaceGone(error: KubeApiError): boolean {
  return error.status === 404 && /namespaces? "/.test(error.message);
}
