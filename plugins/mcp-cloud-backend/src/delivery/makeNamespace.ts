import { ConflictError } from '@backstage/errors';
import { MANAGED_BY } from '@mcp-cloud/plugin-mcp-cloud-common';
import { pause } from '../clusters/backOff';
import { KubeApiError } from '../clusters/KubeApiError';
import { collectionPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { renderNamespace } from '../manifests/renderNamespace';
import { accountOf } from './accountOf';
import { WRITE_TIMEOUT_MS } from './liveObject';
import { readNamespace } from './readNamespace';

/** Rights count a moment after they were given. */
const RIGHTS_MS = 15_000;
const POLL_MS = 200;

/**
 * Makes the namespace of an owner as the settings have it now, if that is the backend's task. Can be called again with
 * the same outcome. What an operator added to it stays.
 */
export async function makeNamespace(cluster: ClusterConnection): Promise<void> {
  const { api, namespace, namespaces } = cluster;
  const settings = namespaces.settingsOf(namespace);
  if (!settings) {
    return;
  }
  const live = await readNamespace(cluster);
  const label = 'app.kubernetes.io/managed-by';
  if (live && live.metadata.labels?.[label] !== MANAGED_BY) {
    throw new ConflictError(
      `The cluster ${cluster.name} already has a namespace ${namespace} that is not labelled ${label}=${MANAGED_BY}. Remove it, or label it if it is meant for this owner.`,
    );
  }
  if (live?.metadata.deletionTimestamp) {
    throw new ConflictError(
      `The namespace ${namespace} is being deleted. Try again when it is gone.`,
    );
  }
  const account = await accountOf(api);
  const deadline = Date.now() + RIGHTS_MS;
  for (const object of renderNamespace(namespace, settings, account)) {
    await apply(cluster, object, deadline);
  }
}

async function apply(
  { api }: ClusterConnection,
  object: KubeObject,
  deadline: number,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const collection = collectionPath(apiVersion, kind, metadata.namespace);
  for (;;) {
    try {
      await api.json({
        method: 'PATCH',
        path: `${collection}/${encodeURIComponent(metadata.name)}`,
        query: { fieldManager: MANAGED_BY, force: true },
        contentType: 'application/apply-patch+yaml',
        body: object,
        headersTimeoutMs: WRITE_TIMEOUT_MS,
      });
      return;
    } catch (error) {
      if (!lacksRights(error) || !metadata.namespace || Date.now() > deadline) {
        throw error;
      }
      await pause(POLL_MS, new AbortController().signal);
    }
  }
}

function lacksRights(error: unknown): boolean {
  return (
    error instanceof KubeApiError &&
    error.status === 403 &&
    /cannot (create|patch) resource/.test(error.message)
  );
}
