import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

type Reply = (res: ServerResponse, id: unknown, req: IncomingMessage) => void;

/** A server of sessions over HTTP that answers the methods it is told as it is told. */
export class ScriptedHttp {
  readonly seen: {
    readonly http: string | undefined;
    readonly method?: string;
    readonly headers: IncomingMessage['headers'];
  }[] = [];
  private readonly server: Server;

  private constructor(private readonly replies: Record<string, Reply>) {
    this.server = createServer((req, res) => void this.serve(req, res));
  }

  static async start(
    replies: Record<string, Reply>,
    port = 0,
  ): Promise<ScriptedHttp> {
    const scripted = new ScriptedHttp(replies);
    await new Promise<void>(resolve => {
      scripted.server.listen(port, '127.0.0.1', resolve);
    });
    return scripted;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/mcp`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(req: IncomingMessage, res: ServerResponse) {
    let text = '';
    for await (const chunk of req) text += chunk;
    const { method, id } = (text === '' ? {} : JSON.parse(text)) as {
      method?: string;
      id?: unknown;
    };
    const { method: http, headers } = req;
    this.seen.push({ http, method, headers });
    const reply = this.replies[method ?? http ?? ''];
    if (reply) reply(res, id, req);
    else if (method === 'initialize')
      json(res.setHeader('mcp-session-id', `session-${this.seen.length}`), {
        id,
        result: { protocolVersion: '2025-11-25', capabilities: {} },
      });
    else if (http === 'GET') res.writeHead(405).end();
    else if (id === undefined) res.writeHead(202).end();
    else res.writeHead(400).end('what?');
  }
}

/** A JSON-RPC message as the text of a reply or an event. */
export function message(content: object): string {
  return JSON.stringify({ jsonrpc: '2.0', ...content });
}

export function json(res: ServerResponse, content: object): void {
  res.setHeader('content-type', 'application/json').end(message(content));
}

/** Begins a stream, or goes on with it. */
export function event(res: ServerResponse, data: string, id?: string): void {
  if (!res.headersSent)
    res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
}
