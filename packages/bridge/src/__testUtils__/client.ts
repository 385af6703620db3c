import {
  Agent,
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  request,
} from 'node:http';

/** A JSON-RPC message as a test reads it. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: {
    content?: { text: string }[];
    instructions?: string;
    [key: string]: unknown;
  };
  readonly error?: {
    code: number;
    message: string;
    data?: Record<string, unknown>;
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly messages: Message[];
}

interface Options {
  readonly method?: string;
  readonly path?: string;
  /** The address to connect to. */
  readonly host?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const agent = new Agent({ keepAlive: false });
const POST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

function messagesIn(text: string): Message[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice('data: '.length)) as Message);
}

function open(
  port: number,
  {
    method = 'POST',
    path = '/mcp',
    host = '127.0.0.1',
    headers = {},
    body,
  }: Options,
): Promise<[ClientRequest, IncomingMessage]> {
  return new Promise((resolve, reject) => {
    const defaults =
      method === 'POST' ? POST_HEADERS : { accept: 'text/event-stream' };
    const req = request(
      {
        host,
        port,
        path,
        method,
        agent,
        headers: { ...defaults, ...headers },
      },
      res => resolve([req, res]),
    );
    req.on('error', reject);
    req.end(body);
  });
}

/** Sends a request and waits for the end of its answer. */
export async function send(port: number, options: Options): Promise<Answer> {
  const [, res] = await open(port, options);
  let text = '';
  res.setEncoding('utf8');
  for await (const chunk of res) text += chunk;
  const isStream = (res.headers['content-type'] ?? '').includes('event-stream');
  let messages: Message[] = [];
  if (isStream) messages = messagesIn(text);
  else if ((res.headers['content-type'] ?? '').includes('json'))
    messages = [JSON.parse(text) as Message];
  return { status: res.statusCode ?? 0, headers: res.headers, text, messages };
}

/** An answer that is read while it comes. */
export class OpenStream {
  text = '';
  ended = false;
  constructor(readonly req: ClientRequest, readonly res: IncomingMessage) {
    res.setEncoding('utf8');
    res.on('data', chunk => (this.text += chunk));
    res.on('close', () => (this.ended = true));
    res.on('error', () => {});
    req.on('error', () => {});
  }
  get messages(): Message[] {
    return messagesIn(this.text);
  }
  get lastEventId(): string | undefined {
    return [...this.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];
  }
  abandon(): void {
    this.req.destroy();
  }
}

export async function openStream(
  port: number,
  options: Options,
): Promise<OpenStream> {
  return new OpenStream(...(await open(port, options)));
}

export function initializeBody(
  protocolVersion = '2025-06-18',
  capabilities: object = {},
): string {
  const clientInfo = { name: 'test', version: '1' };
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 'init',
    method: 'initialize',
    params: { protocolVersion, capabilities, clientInfo },
  });
}

/** A client with a session of its own, as raw as the wire. */
export class TestClient {
  constructor(
    readonly port: number,
    readonly headers: Record<string, string>,
    /** Of the process that serves it. */
    readonly pid: number,
  ) {}

  static async connect(
    port: number,
    {
      version = '2025-06-18',
      headers = {} as Record<string, string>,
      capabilities = {} as object,
    } = {},
  ): Promise<TestClient> {
    const answer = await send(port, {
      headers,
      body: initializeBody(version, capabilities),
    });
    const id = answer.headers['mcp-session-id'];
    if (answer.status !== 200 || typeof id !== 'string')
      throw new Error(`${answer.status} ${answer.text}`);
    const pid = Number(
      /\d+/.exec(answer.messages.at(-1)?.result?.instructions ?? '')?.[0],
    );
    const client = new TestClient(
      port,
      { ...headers, 'mcp-session-id': id, 'mcp-protocol-version': version },
      pid,
    );
    await client.notify('notifications/initialized');
    return client;
  }

  post(message: unknown): Promise<Answer> {
    return this.postText(JSON.stringify(message));
  }

  postText(body: string): Promise<Answer> {
    return send(this.port, { headers: this.headers, body });
  }

  notify(method: string, params?: unknown): Promise<Answer> {
    return this.post({ jsonrpc: '2.0', method, params });
  }

  callBody(
    name: string,
    args: unknown = {},
    { id = 1 as string | number, token = undefined as unknown } = {},
  ): string {
    const meta = token === undefined ? {} : { _meta: { progressToken: token } };
    return JSON.stringify({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: args, ...meta },
    });
  }

  call(
    name: string,
    args: unknown = {},
    options: { id?: string | number; token?: unknown } = {},
  ): Promise<Answer> {
    return this.postText(this.callBody(name, args, options));
  }

  /** A call whose answer is read while it comes. */
  start(
    name: string,
    args: unknown = {},
    options: { id?: string | number; token?: unknown } = {},
  ): Promise<OpenStream> {
    return openStream(this.port, {
      headers: this.headers,
      body: this.callBody(name, args, options),
    });
  }

  listen(lastEventId?: string): Promise<OpenStream> {
    const resume: Record<string, string> =
      lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return openStream(this.port, {
      method: 'GET',
      headers: { ...this.headers, ...resume },
    });
  }

  close(): Promise<Answer> {
    return send(this.port, { method: 'DELETE', headers: this.headers });
  }

  /** What the server has read so far. */
  async seen(): Promise<
    { method?: string; id?: unknown; params?: Record<string, unknown> }[]
  > {
    const answer = await this.call('seen', {}, { id: 'seen' });
    return JSON.parse(textOf(answer)) as {
      method?: string;
      id?: unknown;
      params?: Record<string, unknown>;
    }[];
  }
}

/** The text that a tool answered with. */
export function textOf(answer: { messages: Message[] }): string {
  return (
    answer.messages.at(-1)?.result?.content?.[0]?.text ??
    JSON.stringify(answer.messages)
  );
}
