import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** Servers close connections that are idle for longer, often after 5 s, and a message must not meet that moment. */
const IDLE_MS = 4000;
const ACCEPT = 'application/json, text/event-stream';

/** What goes to the server. */
export interface Message {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: OutgoingHttpHeaders;
  /** A JSON-RPC message. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** One HTTP request and its reply. */
export interface Exchange {
  /** The system has taken all of it, or it has failed. */
  readonly sent: Promise<void>;
  /** Rejects when the server is not reached, or ends the connection. */
  readonly reply: Promise<IncomingMessage>;
}

function sentOf(req: ClientRequest): Promise<void> {
  return new Promise(resolve => {
    req.once('finish', resolve);
    req.once('close', resolve);
  });
}

/** Connections to a server, which are used again and again. */
export class HttpClient {
  private readonly agent: HttpAgent;
  private readonly request: typeof requestHttp;

  constructor(private readonly url: URL) {
    const isSecure = url.protocol === 'https:';
    const options = { keepAlive: true, timeout: IDLE_MS, noDelay: true };
    this.agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
    this.request = isSecure ? requestHttps : requestHttp;
  }

  open({ method, headers, body, signal }: Message): Exchange {
    const type =
      body === undefined ? {} : { 'content-type': 'application/json' };
    const req = this.request(this.url, {
      method,
      agent: this.agent,
      signal,
      headers: { ...headers, ...type, accept: ACCEPT },
    });
    const reply = new Promise<IncomingMessage>((resolve, reject) => {
      req.once('response', resolve);
      req.on('error', reject);
    });
    reply.catch(() => {}); // not everybody waits for it
    const sent = sentOf(req);
    req.end(body);
    return { sent, reply };
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Why a server was not reached, in words; a name with several addresses fails without any. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message || (code ?? 'unknown');
}

/** Whether a reply is a stream of events. */
export function isStream({ headers }: IncomingMessage): boolean {
  return (headers['content-type'] ?? '').startsWith('text/event-stream');
}

export function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The text of a reply; nothing when it is longer than `maxBytes`. */
export async function textOf(
  reply: IncomingMessage,
  maxBytes: number,
): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of reply as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBytes) return undefined; // leaving the loop destroys the reply
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
