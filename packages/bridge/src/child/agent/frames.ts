/** Kinds of frames on the connection to an agent; bridge-image/agent/README.md says what each carries. */
export const Kind = {
  hello: 0,
  open: 1,
  stdin: 2,
  signal: 3,
  credit: 4,
  started: 5,
  stdout: 6,
  stderr: 7,
  exit: 8,
  gone: 9,
} as const;

export const PROTOCOL_VERSION = 1;

/** Bytes that one channel of a stream may have under way. */
export const WINDOW = 256 * 1024;
/** Credit is given back in portions, so that small messages do not double the frames. */
export const CREDIT_STEP = WINDOW / 4;

/** Length (4 bytes, of what follows it), kind (1) and stream (4). */
const HEADER = 9;
/** An agent sends output in pieces of 32 KiB; whoever announces much more is none. */
const MAX_LENGTH = 64 * 1024;

export function encodeFrame(
  kind: number,
  stream: number,
  payload: Uint8Array,
): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + payload.length);
  frame.writeUInt32BE(HEADER - 4 + payload.length, 0);
  frame[4] = kind;
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, HEADER);
  return frame;
}

/** The payload of a credit: more bytes may be sent on a channel, which is named by the kind of its frames. */
export function encodeCredit(channel: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(5);
  payload[0] = channel;
  payload.writeUInt32BE(bytes, 1);
  return payload;
}

/** Cuts what comes from an agent into frames; payloads are parts of the chunks where these hold them whole. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly onFrame: (
      kind: number,
      stream: number,
      payload: Buffer,
    ) => void,
  ) {}

  /** @throws Error when this is no agent */
  push(chunk: Buffer): void {
    const bytes =
      this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= HEADER) {
      const length = bytes.readUInt32BE(at);
      if (length < HEADER - 4 || length > MAX_LENGTH)
        throw new Error(`it announces a frame of ${length} bytes`);
      const end = at + 4 + length;
      if (bytes.length < end) break;
      const payload = bytes.subarray(at + HEADER, end);
      this.onFrame(bytes[at + 4], bytes.readUInt32BE(at + 5), payload);
      at = end;
    }
    this.rest = bytes.subarray(at);
  }
}
