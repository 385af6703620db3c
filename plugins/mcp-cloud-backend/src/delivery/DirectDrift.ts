import type { JsonValue } from '@backstage/types';
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';
import {
  FENCE_ANNOTATION,
  MANAGED_BY,
  type DriftedField,
  type DriftedObject,
  type DriftWriter,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { diffObject } from '../preview/diffObjects';
import {
  isDeployment,
  isSameVersion,
  isSecret,
  keyOf,
  plain,
  readObject,
  TRIES,
  WRITE_TIMEOUT_MS,
} from './liveObject';
import { addedFields, writerOf } from './managedFields';
import { namespaceState } from './namespaceState';
import { secretsOf } from './secretsOf';
import type { DriftFinder } from './types';

/**
 * Compares what is in a cluster with what was applied: by a dry run of the same apply, which shows what was changed or
 * taken away, and by the managers of fields, which shows what was added.
 */
export class DirectDrift implements DriftFinder {
  async find(
    cluster: ClusterConnection,
    applied: KubeObject[],
    allowed: ReadonlySet<string>,
  ): Promise<DriftedObject[]> {
    if ((await namespaceState(cluster)) === 'missing') {
      return applied.map(missingObject);
    }
    const found = await Promise.all([
      ...applied.map(object => this.#object(cluster, object, allowed)),
      ...applied
        .filter(isDeployment)
        .map(deployment => this.#secretValues(cluster, deployment)),
    ]);
    return found.flat();
  }

  /** Running pods do without the values that they were started with, the next ones do not. */
  async #secretValues(
    cluster: ClusterConnection,
    deployment: KubeObject,
  ): Promise<DriftedObject[]> {
    const missing: DriftedObject[] = [];
    for (const name of secretsOf([deployment])) {
      const key = {
        apiVersion: 'v1',
        kind: 'Secret',
        namespace: cluster.namespace,
        name,
      };
      const isOurs = name.startsWith(`${deployment.metadata.name}--env-`);
      if (isOurs && !(await readObject(cluster, key))) {
        missing.push({ kind: 'Secret', name, drift: 'missing', fields: [] });
      }
    }
    return missing;
  }

  async #object(
    cluster: ClusterConnection,
    object: KubeObject,
    allowed: ReadonlySet<string>,
    tries = TRIES,
  ): Promise<DriftedObject[]> {
    const { kind, metadata } = object;
    const key = keyOf(object, cluster.namespace);
    const live = await readObject<KubeObject>(cluster, key);
    if (!live || live.metadata.deletionTimestamp) {
      return [missingObject(object)];
    }
    // The value of a Secret is never read; that somebody else wrote it shows in its metadata.
    const wanted = isSecret(key)
      ? live
      : await cluster.api.json<KubeObject>({
          method: 'PATCH',
          path: objectPath(key),
          query: { fieldManager: MANAGED_BY, dryRun: 'All', force: true },
          contentType: 'application/apply-patch+yaml',
          body: withFenceOf(live, object),
          headersTimeoutMs: WRITE_TIMEOUT_MS,
        });
    if (!isSameVersion(live, wanted) && tries > 1) {
      return this.#object(cluster, object, allowed, tries - 1);
    }
    const fields = [
      ...changedFields(live, wanted, allowed),
      ...addedFields(wanted, allowed).map(({ path, found, entry }) => ({
        path,
        ...(found !== undefined && !isSecret(key) && { found }),
        by: writer(entry),
      })),
    ];
    return fields.length
      ? [{ kind, name: metadata.name, drift: 'changed', fields }]
      : [];
  }
}

function missingObject({ kind, metadata }: KubeObject): DriftedObject {
  return { kind, name: metadata.name, drift: 'missing', fields: [] };
}

/** What an allowed manager set stays, such as the replicas of an HPA. */
function changedFields(
  live: KubeObject,
  wanted: KubeObject,
  allowed: ReadonlySet<string>,
): DriftedField[] {
  return diffObject(plain(live), plain(wanted)).flatMap(({ fields }) =>
    fields.flatMap<DriftedField>(({ path, before, after }) => {
      const entry = writerOf(path, live);
      if (entry && allowed.has(entry.manager ?? '')) {
        return [];
      }
      return [
        {
          path,
          ...(after !== undefined && { wanted: after as JsonValue }),
          ...(before !== undefined && { found: before as JsonValue }),
          ...(entry && { by: writer(entry) }),
        },
      ];
    }),
  );
}

function writer({ manager = '', time }: V1ManagedFieldsEntry): DriftWriter {
  return { manager, ...(time && { at: new Date(time).toISOString() }) };
}

/** The stamp of the last writer is no part of what is compared. */
function withFenceOf(live: KubeObject, object: KubeObject): KubeObject {
  const fence = live.metadata.annotations?.[FENCE_ANNOTATION];
  const { annotations } = object.metadata;
  return fence === undefined
    ? object
    : {
        ...object,
        metadata: {
          ...object.metadata,
          annotations: { ...annotations, [FENCE_ANNOTATION]: fence },
        },
      };
}
