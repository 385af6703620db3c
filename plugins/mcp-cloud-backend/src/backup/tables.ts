import { readSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { z } from 'zod/v3';

/** A table, as a backup has it. */
export interface BackupTable {
  name: string;
  /** Its primary key, by which rows are read in pages. */
  key: string[];
  /** Columns of a row. Those that are not among them are not kept. */
  row: z.ZodObject<z.ZodRawShape, 'strict'>;
  /** Big integers, which PostgreSQL gives as strings. */
  big?: string[];
  /** Which rows are kept; all by default. */
  only?: Record<string, string>;
}

const MAX_INTEGER = 2 ** 31 - 1;
// PostgreSQL keeps no NUL in texts.
const long = z
  .string()
  .refine(value => !value.includes('\0'), 'A text has no NUL characters.');
const text = (max: number) =>
  long.refine(
    value => value.length <= max,
    `A text has at most ${max} characters here.`,
  );
const id = text(36);
const time = text(32);
const count = z.number().int().nonnegative().max(MAX_INTEGER);
const bigCount = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** JSON as it stands in the database, whose content `read` takes. */
function json(what: string, read: (value: unknown) => unknown) {
  return long.superRefine((value, context) => {
    try {
      read(JSON.parse(value));
    } catch {
      context.addIssue({ code: 'custom', message: `This is not ${what}.` });
    }
  });
}
const object = z.object({}).passthrough();
const names = json('a list of names in JSON', value =>
  z.array(z.string()).parse(value),
);
const anything = json('an object in JSON', value => object.parse(value));
const target = object.extend({
  revision: count,
  replicas: count,
  runState: z.enum(['running', 'stopped']),
  move: object.extend({ cluster: text(63), namespace: text(63) }).optional(),
});
const manifest = object.extend({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: object.extend({ name: z.string() }),
});

/**
 * What a backup holds, in an order in which a row comes after those that it refers to. A row is as it stands in the
 * database. A column that a later release adds gets a default here, so that older files can still be read. Leases are
 * not kept: whoever held one is not there any more. Secret versions that no revision uses yet are not either.
 */
export const BACKUP_TABLES: BackupTable[] = [
  {
    name: 'servers',
    key: ['id'],
    big: ['tokens_not_before'],
    row: z
      .object({
        id,
        name: text(40),
        live_name: text(40).nullable(),
        application: text(63),
        environment: text(63),
        owner: text(255),
        system: text(255).nullable(),
        cluster: text(63),
        namespace: text(63),
        image: text(512),
        catalog_ref: text(255).nullable(),
        handshake: z.enum(['full', 'bridge-only']),
        scaling: text(64).nullable(),
        public_address: text(460).nullable(),
        run_state: z.enum(['running', 'stopped']),
        replicas: count,
        revision: count,
        good_revision: count.nullable(),
        secret_version: count.nullable(),
        restarted_at: time.nullable(),
        tokens_not_before: bigCount,
        fence: count,
        version: count,
        created_at: time,
        created_by: text(255),
        updated_at: time,
        deleted_at: time.nullable(),
      })
      .strict(),
  },
  {
    name: 'revisions',
    key: ['server_id', 'number'],
    row: z
      .object({
        server_id: id,
        number: count,
        spec: json('a Spec in JSON', readSpec),
        secret_version: count.nullable(),
        author: text(255),
        message: long.nullable(),
        created_at: time,
        origin: text(24),
        restores: count.nullable(),
        label: text(63).nullable(),
        image: anything.nullable().default(null),
      })
      .strict(),
  },
  {
    name: 'operations',
    key: ['id'],
    row: z
      .object({
        id,
        server_id: id,
        server_name: text(40),
        seq: count,
        kind: text(16),
        state: z.enum([
          'queued',
          'running',
          'succeeded',
          'failed',
          'cancelled',
        ]),
        principal: text(255),
        target: json("an operation's target in JSON", value =>
          target.parse(value),
        ),
        error: anything.nullable(),
        interruption: anything.nullable(),
        fence: count.nullable(),
        applied_fence: count.nullable(),
        created_at: time,
        started_at: time.nullable(),
        finished_at: time.nullable(),
      })
      .strict(),
  },
  {
    name: 'operation_events',
    key: ['operation_id', 'name'],
    row: z
      .object({
        operation_id: id,
        position: count,
        name: text(32),
        state: z.enum(['pending', 'running', 'succeeded', 'failed']),
        message: long.nullable(),
        started_at: time.nullable(),
        finished_at: time.nullable(),
      })
      .strict(),
  },
  {
    name: 'idempotency_keys',
    key: ['principal', 'key'],
    row: z
      .object({
        principal: text(255),
        key: text(255),
        fingerprint: text(64),
        operation_id: id,
        created_at: time,
      })
      .strict(),
  },
  {
    name: 'inventory',
    key: ['server_id', 'cluster', 'api_version', 'kind', 'namespace', 'name'],
    row: z
      .object({
        server_id: id,
        cluster: text(63),
        api_version: text(128),
        kind: text(64),
        namespace: text(63),
        name: text(253),
        manifest: json('a Kubernetes object in JSON', value =>
          manifest.parse(value),
        ).nullable(),
      })
      .strict(),
  },
  {
    name: 'capabilities',
    key: ['server_id'],
    row: z
      .object({
        server_id: id,
        revision: count,
        data: anything,
        listed_at: time,
      })
      .strict(),
  },
  {
    name: 'secret_versions',
    key: ['cluster', 'server_name', 'version'],
    only: { state: 'active' },
    row: z
      .object({
        cluster: text(63),
        namespace: text(63),
        server_name: text(40),
        version: count,
        server_id: id,
        state: z.literal('active'),
        names,
        created_at: time,
      })
      .strict(),
  },
  {
    name: 'server_keys',
    key: ['id'],
    row: z
      .object({
        id,
        server_id: id,
        name: text(100),
        hash: text(64),
        scopes: names,
        created_at: time,
        created_by: text(255),
      })
      .strict(),
  },
  {
    name: 'usage_samples',
    key: ['server_id', 'hour', 'principal', 'tool'],
    big: ['calls'],
    row: z
      .object({
        server_id: id,
        hour: time,
        principal: text(255),
        tool: text(128),
        calls: bigCount,
        last_call_at: time,
      })
      .strict(),
  },
  {
    name: 'usage_boots',
    key: ['boot_id'],
    row: z.object({ boot_id: text(64), server_id: id, seen_at: time }).strict(),
  },
  {
    name: 'usage_counters',
    key: ['boot_id', 'principal', 'tool'],
    big: ['calls'],
    row: z
      .object({
        boot_id: text(64),
        principal: text(255),
        tool: text(128),
        calls: bigCount,
      })
      .strict(),
  },
  {
    name: 'audit_events',
    key: ['id'],
    row: z
      .object({
        id,
        at: time,
        event: text(64),
        outcome: z.enum(['succeeded', 'refused', 'failed']),
        principal: text(255),
        server_id: id.nullable(),
        server_name: text(40).nullable(),
        operation_id: id.nullable(),
        reason: long.nullable(),
      })
      .strict(),
  },
  {
    name: 'signing_keys',
    key: ['generation'],
    big: ['signs_from'],
    row: z
      .object({
        generation: count,
        kid: text(64),
        public_key: anything,
        sealed_private_key: long,
        signs_from: bigCount.nullable(),
        created_at: time,
      })
      .strict(),
  },
];
