import { InputError } from '@backstage/errors';
import {
  applicationOf,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerNamespaces } from '../clusters/ServerNamespaces';
import type { ServerRow } from '../database/rows';
import { PreconditionFailedError } from './errors';
import { normaliseRef } from './normaliseRef';

/** The Spec with its references in full. */
export function normaliseSpec(spec: ServerSpec): ServerSpec {
  return {
    ...spec,
    owner: normaliseRef(spec.owner, 'group', 'spec.owner'),
    ...(spec.system && {
      system: normaliseRef(spec.system, 'system', 'spec.system'),
    }),
    ...(spec.catalogRef && {
      catalogRef: normaliseRef(spec.catalogRef, 'component', 'spec.catalogRef'),
    }),
  };
}

const REPLACE = 'To change this, make a new server and delete this one.';

/** Refuses changes of what a server keeps for life, and of what another Spec does not change. */
export function refuseImmutable(
  row: ServerRow,
  spec: ServerSpec,
  namespaces: ServerNamespaces,
): void {
  const livesWithOwner = row.namespace === namespaces.of(row.owner);
  const changed = [
    spec.name !== row.name &&
      `spec.name: A server keeps its name ("${row.name}"). ${REPLACE}`,
    applicationOf(spec) !== row.application &&
      `spec.application: A server stays in its application ("${row.application}"). ${REPLACE}`,
    spec.cluster !== row.cluster &&
      `spec.cluster: The server runs on "${row.cluster}", and another Spec does not change that. Move it instead (POST /servers/${row.name}/move).`,
    livesWithOwner &&
      row.namespace !== namespaces.of(spec.owner) &&
      `spec.owner: A server stays in the namespace of its owner ("${row.owner}"), where no other owner's servers live. ${REPLACE}`,
  ].filter(Boolean);
  if (changed.length) {
    throw new InputError(changed.join(' '));
  }
}

/** Refuses a move to where the server is. */
export function refuseSameCluster(row: ServerRow, cluster: string): void {
  if (cluster === row.cluster) {
    throw new InputError(
      `cluster: "${row.name}" runs in "${cluster}" already. Choose another one.`,
    );
  }
}

/** Refuses a change that starts from another state than the present one. `ifMatch` is an ETag, or `*`. */
export function refuseStale(
  row: Pick<ServerRow, 'version'>,
  ifMatch: string,
): void {
  const given = ifMatch
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
  if (given !== '*' && given !== String(row.version)) {
    throw new PreconditionFailedError(
      'The server was changed since you read it. Read it again, then make your change.',
    );
  }
}
