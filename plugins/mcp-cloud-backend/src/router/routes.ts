import {
  auditListSchema,
  backupImportedSchema,
  capabilitiesSchema,
  clusterSchema,
  createKeyRequestSchema,
  createServerRequestSchema,
  createTokenRequestSchema,
  fieldChangeSchema,
  imageViewSchema,
  labelRequestSchema,
  logLineSchema,
  moveRequestSchema,
  newServerKeySchema,
  objectChangeSchema,
  operationSchema,
  orphanListSchema,
  ownerQuotaSchema,
  previewChangeRequestSchema,
  previewCreateRequestSchema,
  previewSchema,
  promoteRequestSchema,
  revisionSchema,
  rollbackRequestSchema,
  scaleRequestSchema,
  serverDetailSchema,
  serverKeySchema,
  serverDriftSchema,
  serverManifestsSchema,
  serverSchema,
  serverSpecSchema,
  serverStatusSchema,
  serverUsageSchema,
  updateServerRequestSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { z } from 'zod/v3';
import { importQuery } from './backupRouter';
import { logsQuery } from './logsRouter';
import { auditQuery, imageQuery } from './platformRouter';
import { quotaQuery } from './quotaRouter';
import { againstQuery } from './revisionsRouter';
import { afterQuery, listQuery } from './serversRouter';
import { usageQuery } from './usageRouter';

/** One route of the REST interface, as its document describes it. */
export interface RouteDescription {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As Express has it. */
  path: string;
  summary: string;
  query?: z.AnyZodObject;
  /** Whether `If-Match` must be sent. */
  ifMatch?: boolean;
  body?: z.ZodTypeAny;
  /** 200 by default. */
  status?: number;
  /** Missing where the answer has no body of ours. */
  answer?: z.ZodTypeAny;
  /** Media types of the answer; `application/json` by default. */
  media?: string[];
}

const items = (schema: z.ZodTypeAny) => z.object({ items: z.array(schema) });
const accepted = {
  status: 202,
  answer: z.object({ operation: operationSchema }),
};
const anyJson = z.record(z.any());

/** Every route, in the order of the documentation. A test compares this with what is served. */
// prettier-ignore
export const ROUTES: RouteDescription[] = [
  { method: 'get', path: '/health', summary: 'Whether the backend serves', answer: z.object({ status: z.literal('ok') }) },
  { method: 'get', path: '/openapi.json', summary: 'This document', answer: anyJson },
  { method: 'get', path: '/spec.schema.json', summary: 'The JSON Schema of a Spec', answer: anyJson, media: ['application/schema+json'] },
  { method: 'get', path: '/clusters', summary: 'Clusters that servers can run on', answer: items(clusterSchema) },
  { method: 'get', path: '/images', summary: 'What its registry says of an image', query: imageQuery, answer: imageViewSchema },
  { method: 'get', path: '/servers', summary: 'Servers that the caller may see', query: listQuery, answer: z.object({ items: z.array(serverSchema), total: z.number(), nextCursor: z.string().optional(), counts: z.record(z.number()) }) },
  { method: 'post', path: '/servers', summary: 'Make a server', body: createServerRequestSchema, ...accepted },
  { method: 'post', path: '/servers/preview', summary: 'What making a server would do', body: previewCreateRequestSchema, answer: previewSchema },
  { method: 'get', path: '/servers/:name', summary: 'One server with its Spec', query: afterQuery, answer: serverDetailSchema },
  { method: 'put', path: '/servers/:name', summary: 'Deploy a new revision', ifMatch: true, body: updateServerRequestSchema, ...accepted },
  { method: 'delete', path: '/servers/:name', summary: 'Delete a server for good', ...accepted },
  { method: 'post', path: '/servers/:name/preview', summary: 'What an update, a rollback, a promotion, a move or a deletion would do', body: previewChangeRequestSchema, answer: previewSchema },
  { method: 'post', path: '/servers/:name/scale', summary: 'Set the number of pods', body: scaleRequestSchema, ...accepted },
  { method: 'post', path: '/servers/:name/stop', summary: 'Stop a server', ...accepted },
  { method: 'post', path: '/servers/:name/start', summary: 'Start a stopped server', ...accepted },
  { method: 'post', path: '/servers/:name/restart', summary: 'Replace the pods one after another', ...accepted },
  { method: 'post', path: '/servers/:name/rollback', summary: 'Go back to an earlier revision', body: rollbackRequestSchema, ...accepted },
  { method: 'post', path: '/servers/:name/promote', summary: 'Bring a revision to the server of another environment; the operation is of that one', body: promoteRequestSchema, ...accepted },
  { method: 'post', path: '/servers/:name/move', summary: 'Take a server to another cluster', body: moveRequestSchema, ...accepted },
  { method: 'get', path: '/servers/:name/revisions', summary: 'Revisions, newest first', answer: items(revisionSchema) },
  { method: 'get', path: '/servers/:name/revisions/:number', summary: 'One revision with its Spec', answer: revisionSchema.extend({ spec: serverSpecSchema }) },
  { method: 'get', path: '/servers/:name/revisions/:number/diff', summary: 'What differs in a revision from another one', query: againstQuery, answer: z.object({ from: z.number(), to: z.number(), spec: z.array(fieldChangeSchema), objects: z.array(objectChangeSchema) }) },
  { method: 'put', path: '/servers/:name/revisions/:number/label', summary: 'Name a revision', body: labelRequestSchema, status: 204 },
  { method: 'get', path: '/servers/:name/status', summary: 'State, cause and hint', query: afterQuery, answer: serverStatusSchema },
  { method: 'get', path: '/servers/:name/pods', summary: 'Pods', query: afterQuery, answer: items(anyJson) },
  { method: 'get', path: '/servers/:name/events', summary: 'Kubernetes events', answer: items(anyJson) },
  { method: 'get', path: '/servers/:name/metrics', summary: 'CPU and memory of all pods together', answer: anyJson },
  { method: 'get', path: '/servers/:name/usage', summary: 'Calls by principal, tool and hour', query: usageQuery, answer: serverUsageSchema },
  { method: 'get', path: '/servers/:name/capabilities', summary: 'Tools, prompts and resources', answer: capabilitiesSchema },
  { method: 'get', path: '/servers/:name/manifests', summary: 'Kubernetes objects as they were applied last, without values of Secrets', answer: serverManifestsSchema },
  { method: 'get', path: '/servers/:name/drift', summary: 'What others changed in the cluster, and who', answer: serverDriftSchema },
  { method: 'post', path: '/servers/:name/drift/repair', summary: 'Put back what others changed', ...accepted },
  { method: 'get', path: '/servers/:name/logs', summary: 'The last lines; with follow=true a stream of server-sent events', query: logsQuery, answer: items(logLineSchema), media: ['application/json', 'text/event-stream'] },
  { method: 'post', path: '/servers/:name/tokens', summary: 'A token for an MCP client', body: createTokenRequestSchema, status: 201, answer: z.object({ token: z.string(), expiresAt: z.string() }) },
  { method: 'delete', path: '/servers/:name/tokens', summary: 'Make all tokens void that were given out', ...accepted },
  { method: 'get', path: '/servers/:name/keys', summary: 'Keys of a server with auth: keys, without the keys themselves', answer: items(serverKeySchema) },
  { method: 'post', path: '/servers/:name/keys', summary: 'A key for clients, which is shown this once', body: createKeyRequestSchema, status: 201, answer: newServerKeySchema },
  { method: 'delete', path: '/servers/:name/keys/:id', summary: 'End a key', ...accepted },
  { method: 'get', path: '/servers/:name/operations', summary: 'Operations of a server, newest first', answer: items(operationSchema) },
  { method: 'get', path: '/operations', summary: 'Operations of all servers that the caller may see, newest first', answer: items(operationSchema) },
  { method: 'get', path: '/operations/:id', summary: 'One operation with its steps', answer: operationSchema },
  { method: 'post', path: '/operations/:id/cancel', summary: 'End an operation and turn back what it was to change', ...accepted },
  { method: 'get', path: '/quota', summary: "What owners may take, and take: the caller's own, and those of servers that the caller may see", query: quotaQuery, answer: items(ownerQuotaSchema) },
  { method: 'get', path: '/audit', summary: 'What was done and refused, newest first: all of it for administrators, else of servers that the caller may see', query: auditQuery, answer: auditListSchema },
  { method: 'get', path: '/orphans', summary: 'Objects of servers that there are not; for administrators', answer: orphanListSchema },
  { method: 'delete', path: '/orphans/:cluster/:serverId', summary: 'Remove the objects of a server that there is not; for administrators', status: 204 },
  { method: 'get', path: '/export', summary: 'Everything that is ours as lines of JSON, without values of Secrets; for administrators' },
  { method: 'post', path: '/import', summary: 'Put an export into a portal without servers; for administrators', query: importQuery, answer: backupImportedSchema },
  { method: 'get', path: '/servers/:name/mcp', summary: 'Streamable HTTP of the server: the stream of a session' },
  { method: 'post', path: '/servers/:name/mcp', summary: 'Streamable HTTP of the server: a message', body: anyJson },
  { method: 'delete', path: '/servers/:name/mcp', summary: 'Streamable HTTP of the server: the end of a session' },
];
