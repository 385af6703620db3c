import type { JsonValue } from '@backstage/types';
import type { Timestamp } from './model';

/** Who wrote a field, as Kubernetes remembers it. */
export interface DriftWriter {
  /** Name of the field manager, such as `kubectl-edit`. */
  manager: string;
  at?: Timestamp;
}

/**
 * One field that is not as it was applied. `path` as in a `FieldChange`; `wanted` is missing for what was added,
 * `found` for what was taken away. Without `by`, Kubernetes does not know who it was.
 */
export interface DriftedField {
  path: string;
  wanted?: JsonValue;
  found?: JsonValue;
  by?: DriftWriter;
}

/** One Kubernetes object that is not as it was applied. `fields` is empty for one that is missing. */
export interface DriftedObject {
  kind: string;
  name: string;
  drift: 'missing' | 'changed';
  fields: DriftedField[];
}

/** What in the cluster differs from what was applied last. */
export interface ServerDrift {
  /** `changing`: an operation is under way, so differences say nothing. `unknown`: see `problem`. */
  state: 'none' | 'drifted' | 'changing' | 'unknown';
  objects: DriftedObject[];
  /** Why nothing is known, in words. */
  problem?: string;
  checkedAt: Timestamp;
  /** Whether the platform repairs it by itself. */
  repairsItself: boolean;
}

/** A server's Kubernetes objects as they were applied last. Values of Secrets are not among it. */
export interface ServerManifests {
  items: Array<Record<string, unknown>>;
}
