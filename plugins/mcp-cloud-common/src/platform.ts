import type { Timestamp } from './model';

/** One act that was remembered: a change, or a refusal. */
export interface AuditEvent {
  id: string;
  at: Timestamp;
  /** In kebab-case, such as `server-create`. */
  event: string;
  outcome: 'succeeded' | 'refused' | 'failed';
  /** Entity reference of who did it, or `service:` with a name. */
  principal: string;
  serverId?: string;
  serverName?: string;
  operationId?: string;
  /** Why it was refused or failed, in words. */
  reason?: string;
}

/** A page of audit events, newest first. */
export interface AuditList {
  items: AuditEvent[];
  nextCursor?: string;
}

/** Which audit events; what is left out filters nothing. */
export interface AuditQuery {
  server?: string;
  principal?: string;
  event?: string;
  outcome?: AuditEvent['outcome'];
  /** ISO 8601: not before, and before. */
  since?: Timestamp;
  until?: Timestamp;
  cursor?: string;
  limit?: number;
}

/** What a registry says of an image. */
export interface ImageView {
  /** `unknown`: nobody could or would say. */
  state: 'found' | 'missing' | 'unknown';
  /** Why it is not known, for people. */
  reason?: string;
  /** `sha256:…`: what the tag stands for now. */
  digest?: string;
  /** What the image starts by itself. */
  command?: string[];
  /** User of its processes, as the image names it. */
  user?: string;
  /** Version of the bridge that is in it, by its label. */
  bridge?: string;
}

/** What an import has brought. */
export interface BackupImported {
  servers: number;
  /** Rows of all tables together. */
  rows: number;
  /** `restored`: tokens that were given out before are good. `own`: the portal kept its own keys, and they are void. */
  signingKeys: 'restored' | 'own';
}

/** Objects in a cluster that carry the label of a server which there is not. */
export interface Orphan {
  cluster: string;
  serverId: string;
  objects: Array<{ kind: string; namespace: string; name: string }>;
}

/** What was found; clusters that could not be asked are named. */
export interface OrphanList {
  items: Orphan[];
  unknownClusters: string[];
}
