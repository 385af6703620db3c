import type { Principal } from '../session/types';
import type { KeyRing } from './KeyRing';
import { NONCE_BYTES, Replica } from './Replica';
import {
  hashOf,
  isFor,
  open,
  type Owner,
  ownerBytes,
  PRINCIPAL_BYTES,
  random,
  readOwner,
  seal,
} from './seal';

/* sealed: boot nonce (8) | random (16) | principal (16) | length, pod UID | length, pod address */
const RANDOM_BYTES = 16;
const FIXED_BYTES = NONCE_BYTES + RANDOM_BYTES + PRINCIPAL_BYTES;

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
    ownerBytes(replica),
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
  const { plain, key } = opened;
  const principalHash = plain.subarray(
    FIXED_BYTES - PRINCIPAL_BYTES,
    FIXED_BYTES,
  );
  return {
    ...readOwner(opened, FIXED_BYTES),
    bootNonce: plain.subarray(0, NONCE_BYTES),
    belongsTo: principal => isFor(principal, principalHash, key),
  };
}
