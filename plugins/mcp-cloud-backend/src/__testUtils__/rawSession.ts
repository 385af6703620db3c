import {
  Agent,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';

/** Where a server is, and as whom to come. */
export interface RawTarget {
  /** Of `localhost`; each connection to it may land on another pod. */
  port: number;
  authorization: string;
  /** Connections that could not be made, and were tried again as HTTP clients do. */
  reconnects: number;
}

/** What came back for one request. `status` 0: nobody answered, `text` says why. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A message as the wire has it. */
interface Message {
  id?: string | number;
  method?: string;
  params?: { progress?: number };
  result?: { content?: Array<{ text: string }> };
}

const CONNECT_ATTEMPTS = 4;

/** A connection for each request: so each is routed anew. */
const agent = new Agent({ keepAlive: false });

const messagesIn = (text: string) =>
  text
    .split('\n')
    .filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice('data: '.length)) as Message);

/** The text that a tool answered with. */
export function textOf({ text }: RawAnswer): string | undefined {
  const messages = text.startsWith('{') ? [JSON.parse(text)] : messagesIn(text);
  return messages.at(-1)?.result?.content?.[0]?.text;
}

/** An answer that is read while it comes. */
export class RawStream {
  text = '';
  #res: IncomingMessage;
  readonly ended: Promise<void>;

  constructor(res: IncomingMessage) {
    this.#res = res;
    res.setEncoding('utf8').on('data', chunk => (this.text += chunk));
    res.on('error', () => {});
    this.ended = new Promise(resolve => res.once('close', resolve));
  }
  get status() {
    return this.#res.statusCode;
  }
  get messages() {
    return messagesIn(this.text);
  }
  /** Of the last event that came with all of its lines. */
  get lastEventId(): string | undefined {
    const whole = this.text.slice(0, this.text.lastIndexOf('\n\n'));
    return [...whole.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];
  }
  abandon() {
    this.#res.destroy();
  }
}

/** A legacy session, as raw as the wire: no request is sent twice unless a test does so. */
export class RawSession {
  id = '';
  /** Calls that the server has answered in this session. */
  calls = 0;

  constructor(private readonly target: RawTarget) {}

  /** Begins a session, anew if there was one. @returns the answer to `initialize` */
  async initialize(): Promise<RawAnswer> {
    this.id = '';
    this.calls = 0;
    const answer = await this.post({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      },
    });
    if (answer.status === 200) {
      this.id = String(answer.headers['mcp-session-id']);
      await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    }
    return answer;
  }

  call(name: string, args: object = {}): Promise<RawAnswer> {
    this.calls += 1;
    return this.post(this.#call(name, args));
  }

  /** A call with progress, read as it comes. */
  start(name: string, args: object): Promise<RawStream> {
    this.calls += 1;
    return this.#stream('POST', this.#call(name, args));
  }

  /** The stream of the session, or the rest of the one that an event was on. */
  listen(lastEventId?: string): Promise<RawStream> {
    return this.#stream('GET', undefined, {
      ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
    });
  }

  async post(message: object): Promise<RawAnswer> {
    try {
      const res = await this.#send('POST', message);
      const stream = new RawStream(res);
      await stream.ended;
      return {
        status: res.complete ? res.statusCode ?? 0 : 0,
        headers: res.headers,
        text: res.complete ? stream.text : `cut after ${stream.text}`,
      };
    } catch (error) {
      return { status: 0, headers: {}, text: String(error) };
    }
  }

  #call(name: string, args: object) {
    return {
      jsonrpc: '2.0',
      id: this.calls,
      method: 'tools/call',
      params: { name, arguments: args, _meta: { progressToken: this.calls } },
    };
  }

  async #stream(method: string, message?: object, headers = {}) {
    return new RawStream(await this.#send(method, message, headers));
  }

  async #send(
    method: string,
    message?: object,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(method, message, headers);
      } catch (error) {
        // Nothing was sent: the network led to where nobody is any more.
        if ((error as NodeJS.ErrnoException).syscall !== 'connect') throw error;
        if (attempt === CONNECT_ATTEMPTS) throw error;
        this.target.reconnects += 1;
      }
    }
  }

  #attempt(
    method: string,
    message: object | undefined,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    const { port, authorization } = this.target;
    return new Promise((resolve, reject) => {
      const req = request(
        {
          host: 'localhost',
          port,
          path: '/mcp',
          method,
          agent,
          headers: {
            accept:
              method === 'GET'
                ? 'text/event-stream'
                : 'application/json, text/event-stream',
            ...(message ? { 'content-type': 'application/json' } : {}),
            ...(this.id
              ? {
                  'mcp-session-id': this.id,
                  'mcp-protocol-version': '2025-11-25',
                }
              : {}),
            authorization,
            ...headers,
          },
        },
        resolve,
      );
      req.on('error', reject);
      req.end(message ? JSON.stringify(message) : undefined);
    });
  }
}
