import type { OperationKind } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { OperationTarget } from './OperationTarget';

/** An operation that a runner has taken. */
export interface LeasedOperation {
  id: string;
  serverId: string;
  serverName: string;
  kind: OperationKind;
  /** Entity reference of who asked for it. */
  principal: string;
  target: OperationTarget;
  fence: number;
  /** The fence under which the objects were written, when that step was done already. */
  appliedFence?: number;
  /** Names of the steps, in their order. */
  steps: string[];
  /** Steps that an earlier runner finished. */
  done: ReadonlySet<string>;
  /** How long the operation has run, all its runners together. */
  elapsedMs: number;
  leaseOwner: string;
}
