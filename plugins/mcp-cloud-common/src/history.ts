import type { JsonValue } from '@backstage/types';
import type { Timestamp } from './model';
import type { ServerSpec } from './spec';

/**
 * How a revision came about. `automatic-rollback`: because the deploy of the one before it failed; `promote`: out of
 * another environment; `move`: to another cluster.
 */
export type RevisionOrigin =
  | 'create'
  | 'update'
  | 'rollback'
  | 'automatic-rollback'
  | 'promote'
  | 'move';

/** One version of a server's Spec, as lists show it. */
export interface RevisionView {
  /** 1, 2, …; pruning leaves gaps. */
  number: number;
  /** Entity reference of who made it, or `service:` with a name. */
  author: string;
  message?: string;
  createdAt: Timestamp;
  origin: RevisionOrigin;
  /** The revision whose Spec a rollback brought back. */
  restores?: number;
  /** Such as `stable`. One revision of a server has it; a labelled revision is never pruned. */
  label?: string;
  image: string;
  /** `sha256:…`: what the image's tag stood for, if its registry said; this is what runs. */
  digest?: string;
  /** Whether this is what is wanted now. */
  newest: boolean;
  /** Whether this is the last one that was seen to run: the one that an automatic rollback goes to. */
  good: boolean;
}

/** A revision with its Spec. */
export interface RevisionDetail extends RevisionView {
  spec: ServerSpec;
}

/**
 * One difference between two documents. `path` such as `spec.template.spec.containers[server].image`: elements of
 * lists are named by their `name` where all have one. `before` is missing for what is new, `after` for what goes.
 */
export interface FieldChange {
  path: string;
  before?: JsonValue;
  after?: JsonValue;
}

/** What becomes of one Kubernetes object. `fields` is empty unless it is changed. */
export interface ObjectChange {
  kind: string;
  name: string;
  change: 'added' | 'changed' | 'removed';
  fields: FieldChange[];
}

/** What differs between two revisions: in the Spec, and in the objects that they make of it today. */
export interface RevisionDiff {
  from: number;
  to: number;
  spec: FieldChange[];
  objects: ObjectChange[];
}
