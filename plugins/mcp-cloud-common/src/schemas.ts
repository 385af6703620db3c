import { z } from 'zod/v3';
import type { ServerDrift, ServerManifests } from './drift';
import type { RevisionView } from './history';
import type {
  Capabilities,
  ClusterView,
  LogLine,
  NewServerKey,
  Operation,
  Server,
  ServerDetail,
  ServerKey,
  ServerStatus,
} from './model';
import type {
  AuditList,
  BackupImported,
  ImageView,
  OrphanList,
} from './platform';
import type { Preview } from './preview';
import type { OwnerQuota, QuotaAfter } from './quota';
import { serverSpecSchema } from './spec';
import type { ServerUsage } from './usage';

/*
 * Schemas of answers, for the OpenAPI document and for actions. Each is held to the interface of the same name, which
 * has the documentation of the fields.
 */

const text = z.string();
const time = z.string().describe('ISO 8601, in UTC');
const count = z.number().int();

export const serverStatusSchema = z.object({
  state: z.enum([
    'Stopped',
    'Deploying',
    'Running',
    'Degraded',
    'Failed',
    'Deleting',
    'Unknown',
  ]),
  reason: text,
  message: text,
  hint: text.optional(),
  pods: z.object({ desired: count, ready: count, total: count }),
  stderr: z.array(text).optional(),
  servingRevision: count.optional(),
  version: z.number(),
}) satisfies z.ZodType<ServerStatus>;

const eventSchema = z.object({
  type: z.enum(['Normal', 'Warning']),
  reason: text,
  message: text,
  count,
  lastAt: time,
  object: z.object({ kind: text, name: text }),
});

export const operationSchema = z.object({
  id: text,
  serverId: text,
  serverName: text,
  kind: z.enum([
    'deploy',
    'rollback',
    'scale',
    'stop',
    'start',
    'restart',
    'delete',
    'rotate',
    'repair',
    'recover',
    'move',
  ]),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  principal: text,
  cause: text.optional(),
  revision: count.optional(),
  replicas: count.optional(),
  cluster: text.optional(),
  steps: z.array(
    z.object({
      name: text,
      state: z.enum(['pending', 'running', 'succeeded', 'failed']),
      message: text.optional(),
      startedAt: time.optional(),
      finishedAt: time.optional(),
    }),
  ),
  error: z
    .object({
      reason: text,
      message: text,
      hint: text.optional(),
      stderr: z.array(text).optional(),
      events: z.array(eventSchema).optional(),
    })
    .optional(),
  createdAt: time,
  startedAt: time.optional(),
  finishedAt: time.optional(),
}) satisfies z.ZodType<Operation>;

export const serverSchema = z.object({
  id: text,
  name: text,
  application: text,
  environment: text,
  owner: text,
  system: text.optional(),
  cluster: text,
  namespace: text,
  image: text,
  runState: z.enum(['running', 'stopped']),
  replicas: count,
  revision: count,
  etag: text,
  catalogRef: text.optional(),
  createdAt: time,
  createdBy: text,
  updatedAt: time,
  lastCallAt: time.optional(),
  status: serverStatusSchema,
  operation: operationSchema.optional(),
  allowed: z.array(
    z.enum(['read', 'update', 'delete', 'operate', 'logs', 'secrets', 'call']),
  ),
}) satisfies z.ZodType<Server>;

const named = z.object({
  name: text,
  title: text.optional(),
  description: text.optional(),
});

export const capabilitiesSchema = z.object({
  protocolVersion: text,
  serverInfo: z.object({ name: text, version: text, title: text.optional() }),
  instructions: text.optional(),
  tools: z.array(named),
  prompts: z.array(named),
  resources: z.array(named.extend({ uri: text })),
  listedAt: time,
  revision: count,
}) satisfies z.ZodType<Capabilities>;

export const serverDetailSchema = serverSchema.extend({
  spec: serverSpecSchema,
  revisionInfo: z.object({
    author: text,
    createdAt: time,
    message: text.optional(),
  }),
  endpoints: z.object({ portal: text, service: text }),
  capabilities: capabilitiesSchema.optional(),
}) satisfies z.ZodType<ServerDetail, z.ZodTypeDef, unknown>;

export const serverKeySchema = z.object({
  id: text,
  name: text,
  scopes: z.array(text),
  createdAt: time,
  createdBy: text,
}) satisfies z.ZodType<ServerKey>;

export const newServerKeySchema = serverKeySchema.extend({
  key: text,
  operation: operationSchema,
}) satisfies z.ZodType<NewServerKey>;

export const clusterSchema = z.object({
  name: text,
  title: text,
  namespace: text.optional(),
  namespacePrefix: text.optional(),
  state: z.enum(['ok', 'unreachable']),
  reason: text.optional(),
  since: time,
  version: text.optional(),
}) satisfies z.ZodType<ClusterView>;

export const imageViewSchema = z.object({
  state: z.enum(['found', 'missing', 'unknown']),
  reason: text.optional(),
  digest: text.optional(),
  command: z.array(text).optional(),
  user: text.optional(),
  bridge: text.optional(),
}) satisfies z.ZodType<ImageView>;

export const revisionSchema = z.object({
  number: count,
  author: text,
  message: text.optional(),
  createdAt: time,
  origin: z.enum([
    'create',
    'update',
    'rollback',
    'automatic-rollback',
    'promote',
    'move',
  ]),
  restores: count.optional(),
  label: text.optional(),
  image: text,
  digest: text.optional(),
  newest: z.boolean(),
  good: z.boolean(),
}) satisfies z.ZodType<RevisionView>;

/** Any JSON; a schema of it in full would say no more. */
const json = z.any();
export const fieldChangeSchema = z.object({
  path: text,
  before: json,
  after: json,
});
export const objectChangeSchema = z.object({
  kind: text,
  name: text,
  change: z.enum(['added', 'changed', 'removed']),
  fields: z.array(fieldChangeSchema),
});

export const serverDriftSchema = z.object({
  state: z.enum(['none', 'drifted', 'changing', 'unknown']),
  objects: z.array(
    z.object({
      kind: text,
      name: text,
      drift: z.enum(['missing', 'changed']),
      fields: z.array(
        z.object({
          path: text,
          wanted: json,
          found: json,
          by: z.object({ manager: text, at: time.optional() }).optional(),
        }),
      ),
    }),
  ),
  problem: text.optional(),
  checkedAt: time,
  repairsItself: z.boolean(),
}) satisfies z.ZodType<ServerDrift>;

export const serverManifestsSchema = z.object({
  items: z.array(z.record(json)),
}) satisfies z.ZodType<ServerManifests>;

export const auditListSchema = z.object({
  items: z.array(
    z.object({
      id: text,
      at: time,
      event: text,
      outcome: z.enum(['succeeded', 'refused', 'failed']),
      principal: text,
      serverId: text.optional(),
      serverName: text.optional(),
      operationId: text.optional(),
      reason: text.optional(),
    }),
  ),
  nextCursor: text.optional(),
}) satisfies z.ZodType<AuditList>;

export const backupImportedSchema = z.object({
  servers: count,
  rows: count,
  signingKeys: z.enum(['restored', 'own']),
}) satisfies z.ZodType<BackupImported>;

export const orphanListSchema = z.object({
  items: z.array(
    z.object({
      cluster: text,
      serverId: text,
      objects: z.array(z.object({ kind: text, namespace: text, name: text })),
    }),
  ),
  unknownClusters: z.array(text),
}) satisfies z.ZodType<OrphanList>;

const calls = { calls: count, lastCallAt: time };
export const serverUsageSchema = z.object({
  since: time,
  calls: count,
  lastCallAt: time.optional(),
  byHour: z.array(z.object({ hour: time, calls: count })),
  byPrincipal: z.array(z.object({ principal: text, ...calls })),
  byTool: z.array(z.object({ tool: text, ...calls })),
}) satisfies z.ZodType<ServerUsage>;

const quotaAmountsSchema = z.object({
  servers: count,
  replicas: count,
  cpuMillicores: count,
  memoryBytes: count,
});
export const ownerQuotaSchema = z.object({
  owner: text,
  limits: quotaAmountsSchema.partial(),
  used: quotaAmountsSchema,
}) satisfies z.ZodType<OwnerQuota>;
const quotaAfterSchema = ownerQuotaSchema.extend({
  after: quotaAmountsSchema,
}) satisfies z.ZodType<QuotaAfter>;

export const previewSchema = z.object({
  action: z.enum(['create', 'update', 'rollback', 'delete', 'promote', 'move']),
  spec: z.array(fieldChangeSchema),
  objects: z.array(objectChangeSchema),
  restartsPods: z.boolean(),
  verified: z.boolean(),
  quota: quotaAfterSchema,
  warnings: z.array(z.object({ reason: text, message: text })),
}) satisfies z.ZodType<Preview>;

export const logLineSchema = z.object({
  pod: text,
  at: time.optional(),
  text,
}) satisfies z.ZodType<LogLine>;
