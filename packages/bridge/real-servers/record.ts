import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ErrorCode,
  ListRootsRequestSchema,
  McpError,
  ResultSchema,
  type ClientRequest,
  type JSONRPCMessage,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import { scratch } from './scratch.ts';
import type { Call } from './server.ts';

/** What came back for one request, as the server wrote it. */
export interface Answer {
  readonly result?: Result;
  readonly error?: { code: number; message: string; data?: unknown };
}

export interface Outcome extends Answer {
  /** The progress that was told before it, token included. */
  readonly progress: readonly unknown[];
}

/** All that a server said of itself and answered. */
export interface Recording {
  readonly initialize: unknown;
  /** The pages of each list that the server says it has, by method. */
  readonly lists: Record<string, readonly Answer[]>;
  readonly calls: readonly Outcome[];
}

/** A client that can all that a server may ask for, and always answers the same. */
function newClient(): Client {
  const client = new Client(
    { name: 'real-servers', version: '1' },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant' as const,
    content: { type: 'text' as const, text: 'sampled' },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'decline' as const,
  }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: [{ uri: `file://${scratch}`, name: 'scratch' }],
  }));
  return client;
}

/** The client's own errors: nobody answered. */
const unanswered: number[] = [
  ErrorCode.ConnectionClosed,
  ErrorCode.RequestTimeout,
];

/** @throws McpError when the server leaves the request unanswered */
async function ask(client: Client, request: ClientRequest): Promise<Answer> {
  try {
    // The SDK's other schemas would drop what they do not know.
    const result = await client.request(request, ResultSchema, {
      onprogress: () => {}, // so that the request carries a token
    });
    return { result };
  } catch (error) {
    if (!(error instanceof McpError) || unanswered.includes(error.code))
      throw error;
    const { code, message, data } = error;
    return { error: { code, message, data } };
  }
}

async function pages(
  client: Client,
  method:
    | 'tools/list'
    | 'resources/list'
    | 'resources/templates/list'
    | 'prompts/list',
): Promise<Answer[]> {
  const all: Answer[] = [];
  let cursor: unknown;
  do {
    const params = typeof cursor === 'string' ? { cursor } : {};
    const page = await ask(client, { method, params });
    all.push(page);
    cursor = page.result?.nextCursor;
  } while (cursor !== undefined);
  return all;
}

/** Connects, asks for all lists, makes the calls one after the other, and closes. */
export async function record(
  transport: Transport,
  calls: readonly Call[],
): Promise<Recording> {
  const client = newClient();
  let initialize: unknown;
  const told: unknown[] = [];
  // The client shows every message to whom the transport had before. It would not tell progress itself that comes
  // right before an answer, as it forgets the call first.
  transport.onmessage = (message: JSONRPCMessage) => {
    if ('result' in message) initialize ??= message.result;
    if ('method' in message && message.method === 'notifications/progress')
      told.push(message.params);
  };
  await client.connect(transport);
  try {
    const lists: Record<string, Answer[]> = {};
    const { tools, resources, prompts } = client.getServerCapabilities() ?? {};
    if (tools) lists['tools/list'] = await pages(client, 'tools/list');
    if (resources) {
      for (const method of [
        'resources/list',
        'resources/templates/list',
      ] as const)
        lists[method] = await pages(client, method);
    }
    if (prompts) lists['prompts/list'] = await pages(client, 'prompts/list');
    const outcomes: Outcome[] = [];
    for (const { tool, arguments: given = {} } of calls) {
      const answer = await ask(client, {
        method: 'tools/call',
        params: { name: tool, arguments: given },
      });
      outcomes.push({ ...answer, progress: told.splice(0) });
    }
    return { initialize, lists, calls: outcomes };
  } finally {
    await client.close();
  }
}
