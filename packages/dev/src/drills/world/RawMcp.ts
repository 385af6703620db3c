import { openStream, type OpenStream } from './openStream.ts';
import type { Person } from './Person.ts';

/** An MCP session frame by frame, for looking at when each one comes. */
export class RawMcp {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #id = 0;

  private constructor(url: string, headers: Record<string, string>) {
    this.#url = url;
    this.#headers = headers;
  }

  static async open(person: Person, server: string): Promise<RawMcp> {
    const url = `${person.base}/servers/${server}/mcp`;
    const headers = {
      Authorization: `Bearer ${person.token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      // As a browser behind a compressing portal asks.
      'Accept-Encoding': 'br',
    };
    const session = new RawMcp(url, headers);
    const answer = await session.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'drill', version: '1.0.0' },
    });
    const id = answer.headers['mcp-session-id'];
    await answer.read(() => {});
    if (answer.status !== 200 || typeof id !== 'string') {
      throw new Error(`initialize was answered with ${answer.status}`);
    }
    session.#headers['Mcp-Session-Id'] = id;
    session.#headers['MCP-Protocol-Version'] = '2025-11-25';
    const notified = await openStream('POST', url, session.#headers, {
      jsonrpc: '2.0',
      method: 'notifications/initialized',
    });
    notified.close();
    return session;
  }

  request(method: string, params: object): Promise<OpenStream> {
    this.#id += 1;
    const body = { jsonrpc: '2.0', id: this.#id, method, params };
    return openStream('POST', this.#url, this.#headers, body);
  }

  /** Calls a tool of the server for drills, with progress. */
  callTool(name: string, input: object): Promise<OpenStream> {
    return this.request('tools/call', {
      name,
      arguments: input,
      _meta: { progressToken: 'drill' },
    });
  }

  /** The stream that the server may say something on by itself. */
  listen(): Promise<OpenStream> {
    return openStream('GET', this.#url, {
      ...this.#headers,
      Accept: 'text/event-stream',
    });
  }

  async close(): Promise<void> {
    (await openStream('DELETE', this.#url, this.#headers)).close();
  }
}
