import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** One MCP endpoint over Streamable HTTP, and what a request to it has to carry. */
export interface Endpoint {
  url: string;
  headers: Record<string, string>;
}

/** Headers that the requests of one session carry, those of its endpoint included. */
export type SessionHeaders = Record<string, string>;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The JSON-RPC message that answers, from JSON or an event stream. */
  message?: { result?: Record<string, unknown>; error?: unknown };
}

const PROTOCOL_VERSION = '2025-06-18';

export const echoCall = (id: number | string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo', arguments: { text: 'x'.repeat(64) } },
});

/** Connections that stay open, as many as are needed at a time. */
export const keepAlive = () =>
  new Agent({ keepAlive: true, maxSockets: Infinity });

/** Sends one message; reads the answer to its end. */
export function post(
  url: string,
  message: object,
  headers: SessionHeaders,
  agent: Agent,
  method = 'POST',
): Promise<Answer> {
  const body = method === 'POST' ? JSON.stringify(message) : '';
  return new Promise((resolve, reject) => {
    const req = request(
      url,
      {
        method,
        agent,
        timeout: 30_000,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      res => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', chunk => {
          text += chunk;
        });
        res.on('error', reject);
        res.on('end', () =>
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            message: parse(text, res.headers['content-type'] ?? ''),
          }),
        );
      },
    );
    req.on('timeout', () => req.destroy(new Error('no answer for 30 s')));
    req.on('error', reject);
    req.end(body);
  });
}

function parse(text: string, type: string): Answer['message'] {
  if (!type.includes('event-stream')) {
    return text && type.includes('json') ? JSON.parse(text) : undefined;
  }
  const messages = text
    .split('\n')
    .filter(line => line.startsWith('data:') && line.length > 6)
    .map(line => JSON.parse(line.slice(5)));
  return messages.find(one => one.id !== undefined && !one.method);
}

export const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'benchmark', version: '1' },
  },
};

/** Sends `initialize`. @returns what names the session. @throws Error when the server does not accept it */
export async function beginSession(
  { url, headers }: Endpoint,
  agent: Agent,
): Promise<SessionHeaders> {
  const answer = await post(url, initialize, headers, agent);
  if (answer.status !== 200 || !answer.message?.result) {
    throw new Error(
      `initialize: ${answer.status} ${JSON.stringify(answer.message)}`,
    );
  }
  const id = answer.headers['mcp-session-id'];
  return {
    ...headers,
    'mcp-protocol-version': PROTOCOL_VERSION,
    ...(typeof id === 'string' && { 'mcp-session-id': id }),
  };
}

/** Opens a session. @throws Error when the server does not accept it */
export async function openSession(
  server: Endpoint,
  agent: Agent,
): Promise<SessionHeaders> {
  const session = await beginSession(server, agent);
  await post(
    server.url,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    session,
    agent,
  );
  return session;
}

/** Ends a session, where the server knows how. */
export const closeSession = (
  url: string,
  session: SessionHeaders,
  agent: Agent,
) => post(url, {}, session, agent, 'DELETE');
