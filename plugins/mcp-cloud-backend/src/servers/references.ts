import { createHash } from 'node:crypto';
import { InputError } from '@backstage/errors';
import {
  MANAGED_BY,
  OWNER_LABEL,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { objectPath } from '../clusters/resourcePath';
import { namespaceState } from '../delivery/namespaceState';
import type { ClusterConnection, KubeObject } from '../clusters/types';

/** Asks for an object's metadata alone: the value of a Secret is never read. */
const METADATA_ONLY =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
/** The label's value that opens an object to all owners. */
const EVERYONE = 'everyone';
const MAX_LABEL = 63;

/** An object of the cluster that a Spec uses and that is not its own. */
export interface Reference {
  kind: 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim' | 'ServiceAccount';
  name: string;
  /** Where the Spec names it. */
  field: string;
}

/** All objects of others that a Spec uses. */
export function referencesOf(spec: ServerSpec): Reference[] {
  return [
    ...spec.imagePullSecrets.map((name, index) => ({
      kind: 'Secret' as const,
      name,
      field: `imagePullSecrets.${index}`,
    })),
    ...Object.entries(spec.envFrom).map(([variable, source]) => ({
      kind: source.secret ? ('Secret' as const) : ('ConfigMap' as const),
      name: (source.secret ?? source.configMap)!,
      field: `envFrom.${variable}`,
    })),
    ...Object.entries(spec.volumes).flatMap(([volume, { claim }]) =>
      claim
        ? [
            {
              kind: 'PersistentVolumeClaim' as const,
              name: claim,
              field: `volumes.${volume}.claim`,
            },
          ]
        : [],
    ),
    ...(spec.exposure?.tls?.secret
      ? [
          {
            kind: 'Secret' as const,
            name: spec.exposure.tls.secret,
            field: 'exposure.tls.secret',
          },
        ]
      : []),
    ...(spec.serviceAccount
      ? [
          {
            kind: 'ServiceAccount' as const,
            name: spec.serviceAccount,
            field: 'serviceAccount',
          },
        ]
      : []),
  ];
}

/** The value of `mcp-cloud.io/owner` for an owner: `group:default/team-a` as `group.default.team-a`. */
export function ownerLabel(owner: string): string {
  // Neither kinds nor namespaces have dots, so no two owners share a label.
  const text = owner.replace(':', '.').replace('/', '.');
  return text.length <= MAX_LABEL
    ? text
    : `sha256.${createHash('sha256').update(owner).digest('hex').slice(0, 56)}`;
}

/**
 * Refuses a Spec that names an object which the platform has not labelled for its owner, whatever that is: what is
 * not there and what is another's look the same. Throws `KubeApiError` when the cluster is not reached.
 */
export async function checkReferences(
  cluster: ClusterConnection,
  spec: ServerSpec,
): Promise<void> {
  const problems = await Promise.all(
    referencesOf(spec).map(reference => problemOf(cluster, spec, reference)),
  );
  const found = problems.filter(problem => problem !== undefined);
  if (found.length) {
    throw new InputError(found.join(' '));
  }
}

async function problemOf(
  cluster: ClusterConnection,
  { owner }: ServerSpec,
  { kind, name, field }: Reference,
): Promise<string | undefined> {
  const label = ownerLabel(owner);
  const labels = await labelsOf(cluster, kind, name);
  const isOpen =
    labels?.[OWNER_LABEL] === label || labels?.[OWNER_LABEL] === EVERYONE;
  if (isOpen && labels?.['app.kubernetes.io/managed-by'] !== MANAGED_BY) {
    return undefined;
  }
  return `spec.${field}: the namespace ${cluster.namespace} has no ${kind} ${name} for ${owner}. Ask the platform's operators to label it ${OWNER_LABEL}=${label}.`;
}

async function labelsOf(
  cluster: ClusterConnection,
  kind: Reference['kind'],
  name: string,
): Promise<Record<string, string> | undefined> {
  try {
    const { metadata } = await cluster.api.json<KubeObject>({
      method: 'GET',
      path: objectPath({
        apiVersion: 'v1',
        kind,
        namespace: cluster.namespace,
        name,
      }),
      headers: { accept: METADATA_ONLY },
    });
    return metadata.labels;
  } catch (error) {
    const status = error instanceof KubeApiError ? error.status : undefined;
    if (
      status === 404 ||
      // Where the backend has no rights yet there is nothing that an owner may use either.
      (status === 403 && (await namespaceState(cluster)) !== 'ready')
    ) {
      return undefined;
    }
    throw error;
  }
}
