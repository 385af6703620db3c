import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_MCP_SERVER } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import { listParams } from './listParams';
import { passesFilter, type ServerFilter } from './ServerFilter';

/** Hosted MCP servers as the permission framework sees them. @public */
export const serverResourceRef = createPermissionResourceRef<
  Pick<ServerRow, 'owner' | 'cluster' | 'namespace'>,
  ServerFilter
>().with({ pluginId: 'mcp-cloud', resourceType: RESOURCE_TYPE_MCP_SERVER });

const isOwner = createPermissionRule<
  typeof serverResourceRef,
  { claims: string[] }
>({
  name: 'IS_OWNER',
  description: 'Allow servers whose owner is among the claims',
  resourceRef: serverResourceRef,
  paramsSchema: listParams(
    'claims',
    'Entity references, such as the caller’s ownershipEntityRefs',
  ),
  apply: (server, { claims }) =>
    passesFilter(server, { column: 'owner', values: claims }),
  toQuery: ({ claims }) => ({ column: 'owner', values: claims }),
});

const inCluster = createPermissionRule<
  typeof serverResourceRef,
  { clusters: string[] }
>({
  name: 'IN_CLUSTER',
  description: 'Allow servers on one of these clusters',
  resourceRef: serverResourceRef,
  paramsSchema: listParams('clusters', 'Names of clusters'),
  apply: (server, { clusters }) =>
    passesFilter(server, { column: 'cluster', values: clusters }),
  toQuery: ({ clusters }) => ({ column: 'cluster', values: clusters }),
});

const inNamespace = createPermissionRule<
  typeof serverResourceRef,
  { namespaces: string[] }
>({
  name: 'IN_NAMESPACE',
  description: 'Allow servers in one of these Kubernetes namespaces',
  resourceRef: serverResourceRef,
  paramsSchema: listParams('namespaces', 'Names of namespaces'),
  apply: (server, { namespaces }) =>
    passesFilter(server, { column: 'namespace', values: namespaces }),
  toQuery: ({ namespaces }) => ({ column: 'namespace', values: namespaces }),
});

/** Rules by which policies decide on servers. */
export const serverRules = { isOwner, inCluster, inNamespace };

const exported = createConditionExports({
  resourceRef: serverResourceRef,
  rules: serverRules,
});

/** Conditions for permission policies: `isOwner`, `inCluster`, `inNamespace`. @public */
export const serverConditions = exported.conditions;
/** Makes the conditional decision of a permission policy about servers. @public */
export const createServerConditionalDecision =
  exported.createConditionalDecision;
