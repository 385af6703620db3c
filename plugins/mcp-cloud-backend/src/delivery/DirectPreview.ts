import type { V1Deployment, V1PodTemplateSpec } from '@kubernetes/client-node';
import {
  MANAGED_BY,
  SERVER_ID_LABEL,
  type ObjectChange,
  type PreviewWarning,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { collectionPath, objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { renderNamespace } from '../manifests/renderNamespace';
import { diffObject } from '../preview/diffObjects';
import { accountOf } from './accountOf';
import { replicasLeftTo, withReplicas } from './autoscaling';
import {
  belongsTo,
  isDeployment,
  isSameVersion,
  isSecret,
  keyOf,
  plain,
  readObject,
  serverIdOf,
  TRIES,
  WRITE_TIMEOUT_MS,
} from './liveObject';
import { namespaceState } from './namespaceState';
import { secretsOf } from './secretsOf';
import type { DeliveryPreview, DryRun, ObjectKey } from './types';

/** Where a pod stands whose own account is not there yet; every namespace has it. */
const EVERY_NAMESPACES_ACCOUNT = 'default';

/** Asks the API server itself what it would make of each object: dry runs, with all of its defaults and admission. */
export class DirectPreview implements DeliveryPreview {
  async apply(
    cluster: ClusterConnection,
    objects: KubeObject[],
    inventory: ObjectKey[],
    secretsToCome: string[],
  ): Promise<DryRun> {
    if ((await namespaceState(cluster)) !== 'ready') {
      return unverified(cluster, objects);
    }
    const id = objects[0].metadata.labels![SERVER_ID_LABEL];
    const wanted = new Set(
      objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    );
    const left = inventory.filter(
      ({ kind, name }) => !wanted.has(`${kind}/${name}`),
    );
    const parts = await Promise.all([
      ...objects.map(object => this.#object(cluster, object, objects)),
      this.remove(cluster, { id }, left),
      this.#pod(cluster, objects),
      this.#secrets(cluster, objects, secretsToCome),
    ]);
    return together(parts);
  }

  async remove(
    cluster: ClusterConnection,
    { id }: { id: string },
    inventory: ObjectKey[],
  ): Promise<DryRun> {
    if ((await namespaceState(cluster)) !== 'ready') {
      return together([]);
    }
    const there = await Promise.all(
      inventory.map(key => readObject(cluster, key, { metadataOnly: true })),
    );
    const objects = inventory.filter(
      (_, index) => there[index]?.metadata.labels?.[SERVER_ID_LABEL] === id,
    );
    return {
      objects: objects.map(({ kind, name }) => ({
        kind,
        name,
        change: 'removed' as const,
        fields: [],
      })),
      warnings: [],
    };
  }

  async #object(
    cluster: ClusterConnection,
    rendered: KubeObject,
    all: KubeObject[],
    tries = TRIES,
  ): Promise<DryRun> {
    const key = keyOf(rendered, cluster.namespace);
    const live = await readObject<KubeObject>(cluster, key);
    const object = isDeployment(rendered)
      ? withReplicas(
          rendered,
          replicasLeftTo(all, rendered, live as V1Deployment | undefined),
        )
      : rendered;
    const name = `${object.kind} ${object.metadata.name}`;
    if (live && !belongsTo(live, serverIdOf(object))) {
      return warn(
        'NameTaken',
        `The cluster already has a ${name} that belongs to something else. Remove it or choose another name.`,
      );
    }
    // A Secret is made once and never changed.
    if (live && isSecret(key)) {
      return together([]);
    }
    try {
      if (!live) {
        await this.#create(cluster, object);
        return { objects: diffObject(undefined, object), warnings: [] };
      }
      const { result, warnings } = await this.#change(cluster, object, key);
      if (!isSameVersion(live, result) && tries > 1) {
        return await this.#object(cluster, rendered, all, tries - 1);
      }
      return { objects: diffObject(plain(live), plain(result)), warnings };
    } catch (error) {
      return {
        objects: live ? [] : diffObject(undefined, object),
        warnings: [problemOf(error, name, cluster)],
      };
    }
  }

  #create(cluster: ClusterConnection, object: KubeObject): Promise<KubeObject> {
    return cluster.api.json<KubeObject>({
      method: 'POST',
      path: collectionPath(object.apiVersion, object.kind, cluster.namespace),
      query: { fieldManager: MANAGED_BY, dryRun: 'All' },
      body: object,
      headersTimeoutMs: WRITE_TIMEOUT_MS,
    });
  }

  /** First without force, as only then the API server tells whose fields would be overwritten. */
  async #change(
    cluster: ClusterConnection,
    object: KubeObject,
    key: ObjectKey,
  ): Promise<{ result: KubeObject; warnings: PreviewWarning[] }> {
    const apply = (force: boolean) =>
      cluster.api.json<KubeObject>({
        method: 'PATCH',
        path: objectPath(key),
        query: { fieldManager: MANAGED_BY, dryRun: 'All', force },
        contentType: 'application/apply-patch+yaml',
        body: object,
        headersTimeoutMs: WRITE_TIMEOUT_MS,
      });
    try {
      return { result: await apply(false), warnings: [] };
    } catch (error) {
      if (!(error instanceof KubeApiError) || error.status !== 409) {
        throw error;
      }
      const result = await apply(true);
      const warning = {
        reason: 'FieldsOfOthers',
        message: `${key.kind} ${key.name} was changed by others, which is overwritten: ${error.message}`,
      };
      return { result, warnings: [warning] };
    }
  }

  async #pod(
    cluster: ClusterConnection,
    objects: KubeObject[],
  ): Promise<DryRun> {
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    if (!deployment) {
      return together([]);
    }
    const { template } = deployment.spec as { template: V1PodTemplateSpec };
    const account = objects.find(({ kind }) => kind === 'ServiceAccount');
    const hasAccount =
      !account ||
      (await readObject(cluster, keyOf(account, cluster.namespace)));
    try {
      await this.#create(cluster, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          ...template.metadata,
          // The suffix is of the length that those of a Deployment's pods have.
          name: `${deployment.metadata.name}-0000000000-00000`,
          namespace: cluster.namespace,
        },
        spec: {
          ...template.spec,
          ...(!hasAccount && { serviceAccountName: EVERY_NAMESPACES_ACCOUNT }),
        },
      });
      return together([]);
    } catch (error) {
      return {
        objects: [],
        warnings: [problemOf(error, 'a pod of this server', cluster)],
      };
    }
  }

  async #secrets(
    cluster: ClusterConnection,
    objects: KubeObject[],
    toCome: string[],
  ): Promise<DryRun> {
    const known = new Set([
      ...toCome,
      ...objects
        .filter(({ kind }) => kind === 'Secret')
        .map(({ metadata }) => metadata.name),
    ]);
    const missing = await Promise.all(
      secretsOf(objects)
        .filter(name => !known.has(name))
        .map(async name => {
          const { namespace } = cluster;
          const key = { apiVersion: 'v1', kind: 'Secret', namespace, name };
          return (await readObject(cluster, key)) ? undefined : name;
        }),
    );
    return together(
      missing
        .filter(name => name !== undefined)
        .map(name =>
          warn(
            'MissingSecret',
            `The namespace ${cluster.namespace} has no Secret ${name}, which the pods need.`,
          ),
        ),
    );
  }
}

/** What is wrong, for people; throws when it is that the cluster is not reached. */
function problemOf(
  error: unknown,
  what: string,
  { name, namespace }: ClusterConnection,
): PreviewWarning {
  if (!(error instanceof KubeApiError) || error.unreachable) {
    throw error;
  }
  if (error.status === 404) {
    return {
      reason: 'NotVerified',
      message: `${what} was not verified: the cluster ${name} has no namespace ${namespace}.`,
    };
  }
  if (
    error.status === 403 &&
    /cannot (create|patch) resource/.test(error.message)
  ) {
    return {
      reason: 'NotVerified',
      message: `${what} was not verified, as the backend's account may not try it: ${error.message}`,
    };
  }
  return {
    reason: 'Refused',
    message: `The cluster would refuse ${what}: ${error.message}`,
  };
}

/** In a namespace that is yet to be made nothing can be tried. */
async function unverified(
  cluster: ClusterConnection,
  objects: KubeObject[],
): Promise<DryRun> {
  const { api, name, namespace, namespaces } = cluster;
  const made = renderNamespace(
    namespace,
    namespaces.settingsOf(namespace)!,
    await accountOf(api),
  );
  return {
    objects: [...made, ...objects].flatMap(object =>
      diffObject(undefined, object),
    ),
    warnings: [
      {
        reason: 'NotVerified',
        message: `Nothing was verified, as the cluster ${name} has no namespace ${namespace} yet. It is made with this server.`,
      },
    ],
  };
}

function warn(reason: string, message: string): DryRun {
  return { objects: [], warnings: [{ reason, message }] };
}

function together(parts: DryRun[]): DryRun {
  return {
    objects: parts.flatMap<ObjectChange>(({ objects }) => objects),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}
