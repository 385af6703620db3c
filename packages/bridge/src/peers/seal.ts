import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Principal } from '../session/types';
import type { KeyRing, RingKey } from './KeyRing';
import type { Replica } from './Replica';

/* version (1) | key id (4) | nonce (12) | sealed: time (6, Unix milliseconds), text | tag (16), in base64url */
const VERSION = 1;
const TIME_BYTES = 6;
const KEY_ID_END = 5;
const HEADER_END = KEY_ID_END + 12;
const TAG_BYTES = 16;
/** Longer than any text that is made here, and short enough to be looked at without a thought. */
const MAX_LENGTH = 400;

export const PRINCIPAL_BYTES = 16;
export const random = randomBytes;

/** What a sealed text says of whom it was made for. */
export function hashOf(principal: Principal, key: RingKey): Buffer {
  return createHmac('sha256', key.principal)
    .update(principal)
    .digest()
    .subarray(0, PRINCIPAL_BYTES);
}

/** Whether a sealed text was made for this principal. */
export function isFor(
  principal: Principal,
  hash: Buffer,
  key: RingKey,
): boolean {
  return timingSafeEqual(hashOf(principal, key), hash);
}

/** Where something lives that a client names by a sealed text. */
export interface Owner {
  readonly podUid: string;
  readonly podIp: string;
  /** The key that it was sealed with, which its owner therefore has. */
  readonly key: RingKey;
  /** When its owner sealed it: Unix milliseconds by the owner's clock */
  readonly sealedAt: number;
}

/* length, pod UID | length, pod address */
export function ownerBytes({ podUid, podIp }: Replica): Buffer {
  return Buffer.concat(
    [podUid, podIp].map(text => {
      const bytes = Buffer.from(text, 'utf8');
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }),
  );
}

/** Whose {@link ownerBytes} stand in what was sealed, from there to the end. */
export function readOwner(
  { plain, key, sealedAt }: Opened,
  from: number,
): Owner {
  const uidEnd = from + 1 + plain[from];
  return {
    podUid: plain.toString('utf8', from + 1, uidEnd),
    podIp: plain.toString('utf8', uidEnd + 1, uidEnd + 1 + plain[uidEnd]),
    key,
    sealedAt,
  };
}

/** What was sealed, with which key, and when. */
export interface Opened {
  readonly plain: Buffer;
  readonly key: RingKey;
  /** Unix milliseconds, by the clock of whoever sealed it */
  readonly sealedAt: number;
}

/** Seals bytes under one of the purposes of a key. Nobody without it can read them, make others, or change them unnoticed. */
export function seal(key: RingKey, purpose: Buffer, plain: Buffer): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(Date.now(), 0, TIME_BYTES);
  const header = Buffer.concat([
    Buffer.of(VERSION),
    key.id,
    randomBytes(HEADER_END - KEY_ID_END),
  ]);
  const cipher = createCipheriv(
    'aes-256-gcm',
    purpose,
    header.subarray(KEY_ID_END),
  );
  cipher.setAAD(header);
  const sealed = Buffer.concat([
    cipher.update(time),
    cipher.update(plain),
    cipher.final(),
  ]);
  return Buffer.concat([header, sealed, cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** What a key of the ring has sealed for this purpose; nothing for every other text. */
export function open(
  ring: KeyRing,
  text: string,
  purposeOf: (key: RingKey) => Buffer,
): Opened | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Decoding forgives a lot; a sealed text has one spelling.
  if (bytes.toString('base64url') !== text) return undefined;
  if (
    bytes[0] !== VERSION ||
    bytes.length < HEADER_END + TIME_BYTES + TAG_BYTES
  )
    return undefined;
  const key = ring.find(bytes.subarray(1, KEY_ID_END).toString('hex'));
  const sealed = key && decrypt(bytes, purposeOf(key));
  return (
    key &&
    sealed && {
      plain: sealed.subarray(TIME_BYTES),
      key,
      sealedAt: sealed.readUIntBE(0, TIME_BYTES),
    }
  );
}

function decrypt(bytes: Buffer, purpose: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    purpose,
    bytes.subarray(KEY_ID_END, HEADER_END),
    { authTagLength: TAG_BYTES },
  );
  decipher.setAAD(bytes.subarray(0, HEADER_END));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(HEADER_END, -TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    return undefined; // changed, or sealed by another key of the same id
  }
}
