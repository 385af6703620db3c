import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';
import {
  FENCE_ANNOTATION,
  MANAGED_BY,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { METADATA_ONLY } from '../clusters/metadataOnly';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import type { ObjectKey } from './types';

/** Writes wait for admission webhooks, which may take longer than a read. */
export const WRITE_TIMEOUT_MS = 15_000;

/** How often an object is looked at anew when it changes between two requests. */
export const TRIES = 3;

/**
 * Whether a dry run was made of the object that was read before. Controllers write at any time: what they wrote in
 * between must not look like a change of the one who asks.
 */
export function isSameVersion(before: KubeObject, dryRun: KubeObject): boolean {
  return before.metadata.resourceVersion === dryRun.metadata.resourceVersion;
}

/** A live object, as far as deciding about it goes. */
export interface Live {
  spec?: { replicas?: number };
  metadata: {
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    managedFields?: V1ManagedFieldsEntry[];
    deletionTimestamp?: string | Date;
  };
}

/** Nothing for an object that is not there. Of a Secret only its metadata, and of others too when asked so. */
export async function readObject<T = Live>(
  cluster: ClusterConnection,
  key: ObjectKey,
  { metadataOnly = isSecret(key) } = {},
): Promise<T | undefined> {
  try {
    return await cluster.api.json<T>({
      method: 'GET',
      path: objectPath(key),
      headers: metadataOnly ? { accept: METADATA_ONLY } : {},
    });
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Whether an object is this server's: by its label, or, when somebody took the label away, because we wrote it once.
 */
export function belongsTo(live: Live, serverId: string | undefined): boolean {
  const { labels, annotations, managedFields = [] } = live.metadata;
  const id = labels?.[SERVER_ID_LABEL];
  return id === undefined
    ? annotations?.[FENCE_ANNOTATION] !== undefined &&
        managedFields.some(({ manager }) => manager === MANAGED_BY)
    : id === serverId;
}

export function keyOf(
  { apiVersion, kind, metadata }: KubeObject,
  namespace: string,
): ObjectKey {
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? namespace,
    name: metadata.name,
  };
}

export function idOfKey(key: ObjectKey): string {
  return `${key.apiVersion}/${key.kind}/${key.namespace}/${key.name}`;
}

export function isSecret({ kind }: { kind: string }): boolean {
  return kind === 'Secret';
}

export function isDeployment({ kind }: { kind: string }): boolean {
  return kind === 'Deployment';
}

export function serverIdOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.labels?.[SERVER_ID_LABEL];
}

/** Without what the API server writes by itself, and the stamp of the runner. */
export function plain({ status: _, ...object }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const { [FENCE_ANNOTATION]: _stamp, ...others } = annotations ?? {};
  return {
    ...object,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, namespace, labels, annotations: others },
  };
}
