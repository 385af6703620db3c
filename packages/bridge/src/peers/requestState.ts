import type { Principal } from '../session/types';
import type { KeyRing } from './KeyRing';
import type { Replica } from './Replica';
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

/* sealed: expiry (6, Unix milliseconds) | call (16) | principal (16) | length, pod UID | length, pod address */
const EXPIRY_BYTES = 6;
const CALL_BYTES = 16;
const CALL_END = EXPIRY_BYTES + CALL_BYTES;
const FIXED_BYTES = CALL_END + PRINCIPAL_BYTES;

/** What `requestState` says to those who have its key: which call waits, and where. */
export interface OpenedState extends Owner {
  /** Names the call on its replica. */
  readonly call: string;
}

/** Names calls that wait for input; the replicas that share the keys understand each other's. */
export class RequestStates {
  constructor(
    private readonly ring: () => KeyRing,
    private readonly replica: Replica,
  ) {}

  newCall(): string {
    return random(CALL_BYTES).toString('hex');
  }

  /** @param expiresAt Unix milliseconds */
  seal(call: string, principal: Principal, expiresAt: number): string {
    const key = this.ring().current;
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(expiresAt, 0, EXPIRY_BYTES);
    const plain = Buffer.concat([
      expiry,
      Buffer.from(call, 'hex'),
      hashOf(principal, key),
      ownerBytes(this.replica),
    ]);
    return seal(key, key.state, plain);
  }

  /** What is in a state that was made for this principal and has not expired; nothing for every other text. */
  open(state: string, principal: Principal): OpenedState | undefined {
    const opened = open(this.ring(), state, key => key.state);
    if (!opened) return undefined;
    const { plain, key } = opened;
    if (plain.readUIntBE(0, EXPIRY_BYTES) < Date.now()) return undefined;
    if (!isFor(principal, plain.subarray(CALL_END, FIXED_BYTES), key))
      return undefined;
    return {
      ...readOwner(opened, FIXED_BYTES),
      call: plain.toString('hex', EXPIRY_BYTES, CALL_END),
    };
  }
}
