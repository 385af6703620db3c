import type { ChannelEnd } from './channel';

/** Codes of RFC 6455 with which the bridge closes WebSockets. */
export const CloseCode = {
  goingAway: 1001,
  unsupportedData: 1003,
  policy: 1008,
  tooBig: 1009,
  serverFailed: 1011,
  tryAgainLater: 1013,
} as const;

const CODE_OF: Readonly<Record<ChannelEnd['reason'], number>> = {
  ended: CloseCode.goingAway,
  idle: CloseCode.goingAway,
  draining: CloseCode.goingAway,
  auth: CloseCode.policy,
  child_exited: CloseCode.serverFailed,
};

export function closeCodeOf({ reason }: ChannelEnd): number {
  return CODE_OF[reason];
}

/** A close frame has room for this much text, in bytes. */
const MAX_REASON_BYTES = 123;

/** The text as far as it fits, without half a character at the end. */
export function closeText(text: string): string {
  let cut = text.slice(0, MAX_REASON_BYTES);
  while (Buffer.byteLength(cut) > MAX_REASON_BYTES) cut = cut.slice(0, -1);
  return cut;
}
