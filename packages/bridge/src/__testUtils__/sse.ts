import { Answer, Message, OpenStream, openStream, send } from './client';
import { waitFor } from './wait';

/** A client of HTTP+SSE, as raw as the wire. */
export class SseClient {
  private constructor(
    readonly port: number,
    readonly headers: Record<string, string>,
    readonly stream: OpenStream,
    /** Where it was told to post. */
    readonly endpoint: string,
  ) {}

  static async open(
    port: number,
    headers: Record<string, string> = {},
  ): Promise<SseClient> {
    const stream = await openStream(port, {
      method: 'GET',
      path: '/sse',
      headers,
    });
    await waitFor(() => stream.text.includes('\n\n'));
    const [, endpoint] =
      /^event: endpoint\ndata: (\S+)\n\n/.exec(stream.text) ?? [];
    if (!endpoint) throw new Error(`${stream.res.statusCode} ${stream.text}`);
    return new SseClient(port, headers, stream, endpoint);
  }

  /** One with a session that is ready for use. */
  static async connect(
    port: number,
    headers: Record<string, string> = {},
  ): Promise<SseClient> {
    const client = await SseClient.open(port, headers);
    await client.request('initialize', {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    });
    await client.post({
      jsonrpc: '2.0',
      method: 'notifications/initialized',
    });
    return client;
  }

  get pid(): number {
    const { instructions = '' } =
      this.stream.messages.find(m => m.id === 'initialize')?.result ?? {};
    return Number(/\d+/.exec(instructions)?.[0]);
  }

  postText(body: string, headers: Record<string, string> = {}) {
    return send(this.port, {
      path: this.endpoint,
      headers: { ...this.headers, ...headers },
      body,
    });
  }

  post(message: unknown): Promise<Answer> {
    return this.postText(JSON.stringify(message));
  }

  /** Its id is the method unless another is wanted. */
  async request(
    method: string,
    params?: unknown,
    id: string | number = method,
  ): Promise<Message> {
    const answer = await this.post({ jsonrpc: '2.0', id, method, params });
    if (answer.status !== 202) throw new Error(answer.text);
    return this.answerTo(id);
  }

  call(name: string, args: unknown = {}, id: string | number = name) {
    return this.request('tools/call', { name, arguments: args }, id);
  }

  async answerTo(id: string | number): Promise<Message> {
    const find = () =>
      this.stream.messages.find(m => m.id === id && m.method === undefined);
    await waitFor(() => find() !== undefined);
    return find() ?? {};
  }
}
