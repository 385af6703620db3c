import type { Principal } from '../session/types';
import type { KeyRing, RingKey } from './KeyRing';
import { NONCE_BYTES, Replica } from './Replica';
import {
  hashOf,
  isFor,
  open,
  PRINCIPAL_BYTES,
  random,
  seal,
  withLength,
} from './seal';

/* sealed: boot nonce (8) | random (16) | principal (16) | length, pod UID | length, pod address */
const RANDOM_BYTES = 16;
const FIXED_BYTES = NONCE_BYTES + RANDOM_BYTES + PRINCIPAL_BYTES;

/** Where something lives that a client names by a sealed text. */
export interface Owner {
  readonly podUid: string;
  readonly podIp: string;
  /** The key that it was sealed with, which its owner therefore has. */
  readonly key: RingKey;
  /** When its owner sealed it: Unix milliseconds by the owner's clock */
  readonly sealedAt: number;
}

/** What a session id says to those who have its key. */
export interface OpenedSessionId extends Owner {
  readonly bootNonce: Buffer;
  /** Whether the session was opened by this principal. */
  belongsTo(principal: Principal): boolean;
}

/** A new session id of this replica. Nobody without the key can read it, make another, or change it unnoticed. */
export function sealSessionId(
  { current: key }: KeyRing,
  replica: Replica,
  principal: Principal,
): string {
  const plain = Buffer.concat([
    replica.bootNonce,
    random(RANDOM_BYTES),
    hashOf(principal, key),
    withLength(replica.podUid),
    withLength(replica.podIp),
  ]);
  return seal(key, key.seal, plain);
}

/** What is in an id that a key of the ring has sealed; nothing for every other text. */
export function openSessionId(
  ring: KeyRing,
  id: string,
): OpenedSessionId | undefined {
  const opened = open(ring, id, key => key.seal);
  if (!opened) return undefined;
  const { plain, key, sealedAt } = opened;
  const uidEnd = FIXED_BYTES + 1 + plain[FIXED_BYTES];
  const principalHash = plain.subarray(
    FIXED_BYTES - PRINCIPAL_BYTES,
    FIXED_BYTES,
  );
  return {
    podUid: plain.toString('utf8', FIXED_BYTES + 1, uidEnd),
    podIp: plain.toString('utf8', uidEnd + 1, uidEnd + 1 + plain[uidEnd]),
    bootNonce: plain.subarray(0, NONCE_BYTES),
    key,
    sealedAt,
    belongsTo: principal => isFor(principal, principalHash, key),
  };
}
