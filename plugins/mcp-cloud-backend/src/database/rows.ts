import type {
  OperationKind,
  OperationState,
  RevisionOrigin,
  RunState,
  ServerState,
  StepState,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/** A row of `servers`. PostgreSQL gives big integers as strings, hence the unions. */
export interface ServerRow {
  id: string;
  name: string;
  live_name: string | null;
  application: string;
  environment: string;
  owner: string;
  system: string | null;
  cluster: string;
  namespace: string;
  image: string;
  catalog_ref: string | null;
  handshake: 'full' | 'bridge-only';
  scaling: string | null;
  public_address: string | null;
  run_state: RunState;
  replicas: number;
  revision: number;
  good_revision: number | null;
  secret_version: number | null;
  restarted_at: string | null;
  /** JSON: a `Silence`. */
  silence: string | null;
  tokens_not_before: number | string;
  fence: number;
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  deleted_at: string | null;
}

/** A row of `revisions`. */
export interface RevisionRow {
  server_id: string;
  number: number;
  spec: string;
  image: string | null;
  secret_version: number | null;
  author: string;
  message: string | null;
  created_at: string;
  origin: RevisionOrigin;
  restores: number | null;
  label: string | null;
}

/** A row of `operations`. */
export interface OperationRow {
  id: string;
  server_id: string;
  server_name: string;
  seq: number;
  kind: OperationKind;
  state: OperationState;
  principal: string;
  target: string;
  error: string | null;
  interruption: string | null;
  fence: number | null;
  applied_fence: number | null;
  lease_owner: string | null;
  lease_until: number | string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** A row of `operation_events`: a step. */
export interface StepRow {
  operation_id: string;
  position: number;
  name: string;
  state: StepState;
  message: string | null;
  started_at: string | null;
  finished_at: string | null;
}

/** A row of `inventory`. */
export interface InventoryRow {
  server_id: string;
  cluster: string;
  api_version: string;
  kind: string;
  namespace: string;
  name: string;
  manifest: string | null;
}

/** A row of `server_states`. SQLite gives booleans as numbers. */
export interface ServerStateRow {
  server_id: string;
  state: ServerState;
  down_since: string | null;
  owner_told: boolean | number;
}

/** A row of `audit_events`. */
export interface AuditEventRow {
  id: string;
  at: string;
  event: string;
  outcome: 'succeeded' | 'refused' | 'failed';
  principal: string;
  server_id: string | null;
  server_name: string | null;
  operation_id: string | null;
  reason: string | null;
}

/** A row of `secret_versions`. */
export interface SecretVersionRow {
  cluster: string;
  namespace: string;
  server_name: string;
  version: number;
  server_id: string;
  state: 'pending' | 'active';
  names: string;
  created_at: string;
}

/** A row of `server_keys`. */
export interface ServerKeyRow {
  id: string;
  server_id: string;
  name: string;
  hash: string;
  scopes: string;
  created_at: string;
  created_by: string;
}

/** A row of `idempotency_keys`. */
export interface IdempotencyKeyRow {
  principal: string;
  key: string;
  fingerprint: string;
  operation_id: string;
  created_at: string;
}

/** A row of `signing_keys`. */
export interface SigningKeyRow {
  generation: number;
  kid: string;
  public_key: string;
  sealed_private_key: string;
  signs_from: number | string | null;
  created_at: string;
}
