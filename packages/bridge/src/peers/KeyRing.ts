import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
const ID_BYTES = 4;

/** The keys that are made of one secret, one for each purpose. */
export interface RingKey {
  /** Names the key where it was used; says nothing about the secret. */
  readonly id: Buffer;
  /** AES-256-GCM key of session ids. */
  readonly seal: Buffer;
  /** AES-256-GCM key of what clients bring back with the input that a call waits for. */
  readonly state: Buffer;
  /** HMAC key for what session ids say of their principal. */
  readonly principal: Buffer;
  /** By which replicas prove to each other that they belong together. */
  readonly psk: Buffer;
}

function derive(secret: Buffer, purpose: string, bytes = KEY_BYTES): Buffer {
  const info = `mcp-cloud bridge ${purpose} v1`;
  return Buffer.from(hkdfSync('sha256', secret, '', info, bytes));
}

function keyOf(secret: Buffer): RingKey {
  return {
    id: derive(secret, 'key id', ID_BYTES),
    seal: derive(secret, 'session id'),
    state: derive(secret, 'request state'),
    principal: derive(secret, 'principal'),
    psk: derive(secret, 'peer'),
  };
}

/** Keys that the replicas of a server share: the first is used, the others are still understood. */
export class KeyRing {
  readonly current: RingKey;
  private readonly byId: ReadonlyMap<string, RingKey>;

  constructor(secrets: readonly [Buffer, ...Buffer[]]) {
    const keys = secrets.map(keyOf);
    [this.current] = keys;
    this.byId = new Map(keys.map(key => [key.id.toString('hex'), key]));
  }

  /** @param id in hexadecimal */
  find(id: string): RingKey | undefined {
    return this.byId.get(id);
  }
}
