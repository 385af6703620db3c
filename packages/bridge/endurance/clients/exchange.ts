import {
  Agent,
  request,
  type ClientRequest,
  type IncomingHttpHeaders,
} from 'node:http';
import type { Message } from './message.ts';

export interface Exchange {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Each message as it comes, from JSON or an event stream. */
  readonly onMessage?: (message: Message) => void;
  /** Each event that is no message. */
  readonly onEvent?: (event: string, data: string) => void;
  readonly onRequest?: (req: ClientRequest) => void;
  /** The beginning of the answer. */
  readonly onHeaders?: (status: number, headers: IncomingHttpHeaders) => void;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Connections that stay open, as many as are needed at a time. */
export const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Cuts an event stream into its events. */
function eventReader(onEvent: (event: string, data: string) => void) {
  let text = '';
  return (chunk: string): void => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; ) {
      const lines = text.slice(0, end).split('\n');
      const find = (name: string) =>
        lines.find(line => line.startsWith(name))?.slice(name.length) ?? '';
      const data = find('data: ');
      if (data !== '') onEvent(find('event: '), data);
      text = text.slice(end + 2);
      end = text.indexOf('\n\n');
    }
  };
}

/** Sends a request; resolves at the end of the answer. */
export function exchange(
  port: number,
  {
    method = 'POST',
    path = '/mcp',
    headers = {},
    body,
    onMessage = () => {},
    onEvent = () => {},
    onRequest,
    onHeaders,
  }: Exchange,
): Promise<Reply> {
  const defaults: Record<string, string> =
    method === 'POST'
      ? {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'content-length': String(Buffer.byteLength(body ?? '')),
        }
      : { accept: 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent,
        headers: { ...defaults, ...headers },
      },
      res => {
        const status = res.statusCode ?? 0;
        onHeaders?.(status, res.headers);
        const type = res.headers['content-type'] ?? '';
        const read = eventReader((event, data) =>
          event === 'message'
            ? onMessage(JSON.parse(data) as Message)
            : onEvent(event, data),
        );
        let json = '';
        res.setEncoding('utf8');
        res.on('data', chunk => {
          if (type.includes('event-stream')) read(chunk);
          else json += chunk;
        });
        res.on('error', reject);
        res.on('end', () => {
          if (type.includes('json') && json !== '') {
            const value = JSON.parse(json) as Message | Message[];
            for (const one of Array.isArray(value) ? value : [value])
              onMessage(one);
          }
          resolve({ status, headers: res.headers });
        });
      },
    );
    req.on('error', reject);
    onRequest?.(req);
    req.end(body);
  });
}
