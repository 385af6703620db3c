import { randomBytes } from 'node:crypto';

/** Which process this is, among all that ever were. */
export interface Replica {
  readonly podUid: string;
  /** Where its peers reach it; empty when it has none. */
  readonly podIp: string;
  /** Of this very process: a container that restarts keeps its pod's UID and address, and has lost its sessions. */
  readonly bootNonce: Buffer;
}

export const NONCE_BYTES = 8;

export function thisReplica(pod: {
  readonly uid?: string;
  readonly ip?: string;
}): Replica {
  return {
    podUid: pod.uid ?? '',
    podIp: (pod.ip ?? '').toLowerCase(),
    bootNonce: randomBytes(NONCE_BYTES),
  };
}
