import { connect } from 'node:net';

/** What came back over a socket. */
export interface RawReply {
  /** Undefined when it ended without an answer. */
  readonly status?: number;
  /** The answer as it came, at most so much of it as came in time. */
  readonly text: string;
  /** The bridge has closed it. */
  readonly closed: boolean;
}

/** Writes bytes to a port, and reads what comes until the end, or until nothing came for a while (milliseconds). */
export function sendRaw(
  port: number,
  pieces: readonly (string | Buffer)[],
  patience = 1000,
): Promise<RawReply> {
  return new Promise(resolve => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    const finish = (closed: boolean) => {
      socket.destroy();
      const [, digits] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
      resolve({ status: digits ? Number(digits) : undefined, text, closed });
    };
    socket.setTimeout(patience, () => finish(false));
    socket.setEncoding('latin1');
    socket.on('data', chunk => {
      text += chunk;
      // A stream has begun, which may stay open.
      if (/^content-type: text\/event-stream/im.test(text)) finish(false);
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
  });
}

/** A request as it is on the wire. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-length': String(bytes.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}
