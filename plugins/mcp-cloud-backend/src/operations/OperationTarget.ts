import type { RunState } from '@mcp-cloud/plugin-mcp-cloud-common';

/**
 * What a server is to be like when an operation is done: the whole of its desired state as it was when the
 * operation was accepted. Operations of one server run in their order, so the last one to be accepted stands.
 */
export interface OperationTarget {
  revision: number;
  replicas: number;
  runState: RunState;
  /** Bounds of an autoscaler, with which `replicas` does not count. */
  scaling?: { min: number; max: number };
  secretVersion?: number;
  restartedAt?: string;
  /** Pods that answer nothing, which are to be replaced. */
  recover?: { pods: Array<{ name: string; uid: string }>; cause: string };
  /** The cluster that the server is to be moved to, by a new revision that is written when it runs there. */
  move?: { cluster: string; namespace: string; message?: string };
}
