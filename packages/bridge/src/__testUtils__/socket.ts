import { IncomingHttpHeaders, request } from 'node:http';
import { WebSocket } from 'ws';
import type { Message } from './client';
import { waitFor } from './wait';

interface Options {
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
}

/** A client over WebSocket, as raw as the wire. */
export class SocketClient {
  readonly messages: Message[] = [];
  closed?: { readonly code: number; readonly reason: string };

  private constructor(readonly ws: WebSocket) {
    ws.on('message', data => this.messages.push(JSON.parse(String(data))));
    ws.on('error', () => {});
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
  }

  static open(
    port: number,
    { headers = {}, protocols = ['mcp'] }: Options = {},
  ): Promise<SocketClient> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/mcp/stream`, protocols, {
      headers,
    });
    const client = new SocketClient(ws);
    return new Promise((resolve, reject) => {
      ws.once('open', () => resolve(client));
      ws.once('error', reject);
    });
  }

  /** One with a session that is ready for use. */
  static async connect(
    port: number,
    { version = '2025-06-18', ...options }: Options & { version?: string } = {},
  ): Promise<SocketClient> {
    const client = await SocketClient.open(port, options);
    await client.request('initialize', {
      protocolVersion: version,
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    });
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return client;
  }

  get pid(): number {
    const { instructions = '' } =
      this.messages.find(m => m.id === 'initialize')?.result ?? {};
    return Number(/\d+/.exec(instructions)?.[0]);
  }

  sendText(text: string): void {
    this.ws.send(text);
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  /** Its id is the method unless another is wanted. */
  request(
    method: string,
    params?: unknown,
    id: string | number = method,
  ): Promise<Message> {
    this.send({ jsonrpc: '2.0', id, method, params });
    return this.answerTo(id);
  }

  call(name: string, args: unknown = {}, id: string | number = name) {
    return this.request('tools/call', { name, arguments: args }, id);
  }

  async answerTo(id: string | number | null): Promise<Message> {
    const find = () =>
      this.messages.find(m => m.id === id && m.method === undefined);
    await waitFor(() => find() !== undefined);
    return find() ?? {};
  }

  async end(): Promise<{ code: number; reason: string }> {
    await waitFor(() => this.closed !== undefined);
    return this.closed ?? { code: 0, reason: '' };
  }
}

/** The HTTP answer to a handshake, whatever it is. */
export function shakeHands(
  port: number,
  headers: Record<string, string> = {},
  path = '/mcp/stream',
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    req.on('error', reject);
    req.on('upgrade', (res, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: res.headers, text: '' });
    });
    req.on('response', async res => {
      let text = '';
      for await (const chunk of res) text += chunk;
      resolve({ status: res.statusCode ?? 0, headers: res.headers, text });
    });
    req.end();
  });
}
