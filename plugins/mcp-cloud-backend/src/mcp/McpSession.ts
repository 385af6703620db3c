import type { IncomingMessage } from 'node:http';
import { readText } from '../clusters/HttpKubeApi';
import { parseStatus } from '../clusters/KubeApiError';
import type { KubeApi } from '../clusters/types';
import { BridgeUnreachableError } from './BridgeUnreachableError';
import { readServerSentEvents } from './readServerSentEvents';
import { RefusedError } from './RefusedError';

/** The newest revision with `initialize`, which every server of these revisions can negotiate down from. */
const PROTOCOL_VERSION = '2025-11-25';
const MAX_ANSWER = 16 * 1024 * 1024;
/** A server may take this long to start its process and to answer. */
const ANSWER_TIMEOUT_MS = 60_000;

interface JsonRpcAnswer {
  id?: number | string | null;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** What `initialize` answers, as far as the portal keeps it. */
export interface InitializeResult {
  protocolVersion: string;
  capabilities: { tools?: object; prompts?: object; resources?: object };
  serverInfo: { name: string; version: string; title?: string };
  instructions?: string;
}

/** A short MCP session over plain JSON-RPC, for looking at what a server offers. Errors carry the server's words. */
export class McpSession {
  readonly #api: KubeApi;
  readonly #path: string;
  readonly #authorization: string;
  readonly #signal: AbortSignal;
  #nextId = 1;
  #session?: string;
  #protocolVersion?: string;

  constructor(options: {
    api: KubeApi;
    path: string;
    authorization: string;
    signal: AbortSignal;
  }) {
    this.#api = options.api;
    this.#path = options.path;
    this.#authorization = options.authorization;
    this.#signal = options.signal;
  }

  async initialize(clientInfo: {
    name: string;
    version: string;
  }): Promise<InitializeResult> {
    const result = await this.request<InitializeResult>('initialize', {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo,
    });
    this.#protocolVersion = result.protocolVersion;
    const response = await this.#send('POST', {
      jsonrpc: '2.0',
      method: 'notifications/initialized',
    });
    const text = await readText(response, 64 * 1024);
    if ((response.statusCode ?? 0) >= 300) {
      throw new Error(wordsOf(response.statusCode ?? 0, text));
    }
    return result;
  }

  /** All pages of a list; at most 100 pages, as a server may lead in circles. */
  async listAll<T>(method: string, field: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 100; page += 1) {
      const result = await this.request<Record<string, unknown>>(
        method,
        cursor ? { cursor } : {},
      );
      items.push(...((result[field] as T[] | undefined) ?? []));
      cursor =
        typeof result.nextCursor === 'string' && result.nextCursor
          ? result.nextCursor
          : undefined;
      if (!cursor) {
        break;
      }
    }
    return items;
  }

  async request<T>(method: string, params: object): Promise<T> {
    const id = this.#nextId;
    this.#nextId += 1;
    const response = await this.#send('POST', {
      jsonrpc: '2.0',
      id,
      method,
      params,
    });
    const status = response.statusCode ?? 0;
    if (status >= 400) {
      const text = await readText(response, 64 * 1024);
      if (status >= 502 && parseStatus(text)) {
        throw new BridgeUnreachableError('Nothing answers in the pod.');
      }
      throw new RefusedError(wordsOf(status, text), status, reasonIn(text));
    }
    const session = response.headers['mcp-session-id'];
    if (typeof session === 'string') {
      this.#session = session;
    }
    const answer = await this.#answerTo(id, response);
    if (answer.error) {
      throw new RefusedError(
        `${method} failed: ${answer.error.message} (${answer.error.code})`,
        status,
        reasonOf(answer.error),
      );
    }
    return answer.result as T;
  }

  /** Ends the session at the bridge, so that it gives its process up at once. Never fails. */
  async close(): Promise<void> {
    if (!this.#session) {
      return;
    }
    try {
      const response = await this.#send(
        'DELETE',
        undefined,
        AbortSignal.timeout(5_000),
      );
      response.resume();
    } catch {
      // The bridge ends idle sessions by itself.
    }
  }

  async #answerTo(
    id: number,
    response: IncomingMessage,
  ): Promise<JsonRpcAnswer> {
    if (
      !String(response.headers['content-type'] ?? '').startsWith(
        'text/event-stream',
      )
    ) {
      const text = await readText(response, MAX_ANSWER);
      try {
        return JSON.parse(text) as JsonRpcAnswer;
      } catch {
        throw new Error('The server answered with something that is not JSON.');
      }
    }
    try {
      for await (const { data } of readServerSentEvents(response, MAX_ANSWER)) {
        if (data) {
          const message = JSON.parse(data) as JsonRpcAnswer & {
            method?: string;
          };
          if (message.id === id && message.method === undefined) {
            return message;
          }
        }
      }
    } finally {
      response.destroy();
    }
    throw new Error('The server ended its answer before the result came.');
  }

  #send(
    method: 'POST' | 'DELETE',
    body?: object,
    signal = this.#signal,
  ): Promise<IncomingMessage> {
    return this.#api.stream({
      method,
      path: this.#path,
      headers: {
        accept: 'application/json, text/event-stream',
        'mcp-cloud-authorization': this.#authorization,
        'mcp-session-id': this.#session,
        'mcp-protocol-version': this.#protocolVersion,
      },
      body,
      signal,
      headersTimeoutMs: ANSWER_TIMEOUT_MS,
    });
  }
}

/** The bridge's word for why it refuses; a server's own errors have none. */
function reasonOf(error: { data?: unknown } | undefined): string | undefined {
  const { reason } = (error?.data ?? {}) as { reason?: unknown };
  return typeof reason === 'string' ? reason : undefined;
}

function reasonIn(body: string): string | undefined {
  try {
    return reasonOf(JSON.parse(body).error);
  } catch {
    return undefined;
  }
}

/** What a refusal says: the message of a JSON-RPC error, of an API server's Status, or the number. */
export function wordsOf(status: number, body: string): string {
  try {
    const parsed = JSON.parse(body) as {
      error?: { message?: unknown } | string;
      message?: unknown;
    };
    const inner =
      typeof parsed.error === 'object' ? parsed.error?.message : parsed.error;
    const text = inner ?? parsed.message;
    if (typeof text === 'string' && text) {
      return `${text} (status ${status})`;
    }
  } catch {
    // Not JSON: the number has to do.
  }
  return `The bridge answered with status ${status}.`;
}
