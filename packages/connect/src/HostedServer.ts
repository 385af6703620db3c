import {
  isInitializeRequest,
  isInitializedNotification,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  PROTOCOL_VERSION_META_KEY,
  SdkHttpError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type JSONRPCMessage,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/client';
import type { SignIn } from './SignIn';
import { patient } from './patience';

type Request = Extract<JSONRPCMessage, { method: string; id: string | number }>;
type Id = Request['id'];

/** Error code for what happens between client and server; the specification leaves this range to implementations. */
const TRANSPORT_ERROR = -32000;

const isNotFound = (error: unknown) =>
  error instanceof SdkHttpError && error.status === 404;

/** A request without an answer. */
interface Pending {
  request: Request;
  transport: StreamableHTTPClientTransport;
  /** Ends the stream of its answer. */
  abort: AbortController;
  /** Whether the server has taken it; what it has not taken can be sent again. */
  taken: boolean;
}

export interface HostedServerOptions {
  url: URL;
  headers: Record<string, string>;
  /** Where there is none, a server that asks for a sign-in is an error. */
  signIn?: SignIn;
  /** What the server says to the client. */
  onMessage: (message: JSONRPCMessage) => void;
  /** For a person who looks for a fault; holds no header and no body. */
  log: (text: string) => void;
  fetch?: typeof fetch;
}

/**
 * A hosted MCP server, seen from a client on this machine. Both eras pass: a client of a revision with sessions gets
 * one, and a new one without noticing when the server has forgotten it (404); what a client of 2026-07-28 sends, and
 * takes back, names its revision itself.
 */
export class HostedServer {
  readonly #options: HostedServerOptions;
  readonly #pending = new Map<Id, Pending>();
  #transport: StreamableHTTPClientTransport;
  #initialize?: Request;
  #initialized?: JSONRPCMessage;
  #reopening?: Promise<void>;
  #reopened = 0;
  #closed = false;

  constructor(options: HostedServerOptions) {
    this.#options = options;
    this.#transport = this.#connect(message => this.#receive(message));
  }

  /** Takes a message of the client to the server. Never throws: a request that fails is answered with an error. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCNotification(message) && this.#cancels(message)) return;
    if (isInitializeRequest(message)) this.#initialize = message as Request;
    if (isInitializedNotification(message)) this.#initialized = message;
    try {
      await this.#deliver(message);
    } catch (error) {
      if (!this.#closed) this.#fail(message, error as Error);
    }
  }

  /** Tells the server that the session is over. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.terminateSession().catch(() => {});
    await this.#transport.close();
    this.#options.signIn?.close();
  }

  #connect(
    onMessage: (message: JSONRPCMessage) => void,
  ): StreamableHTTPClientTransport {
    const { url, headers, signIn, log, fetch: fetchFn = fetch } = this.#options;
    const options: StreamableHTTPClientTransportOptions = {
      requestInit: { headers },
      fetch: patient(fetchFn, log),
      authProvider: headers.authorization ? undefined : signIn?.provider,
      reconnectionOptions: {
        initialReconnectionDelay: 500,
        maxReconnectionDelay: 30_000,
        reconnectionDelayGrowFactor: 2,
        // A laptop sleeps; the stream of a session that lives is worth waiting for.
        maxRetries: 20,
      },
    };
    const transport = new StreamableHTTPClientTransport(url, options);
    transport.onmessage = onMessage;
    transport.onerror = error => {
      if (this.#closed || transport !== this.#transport) return;
      log(error.message);
      // The stream for what the server says by itself finds out first that a session is gone.
      if (isNotFound(error)) this.#reopen(transport).catch(() => {});
    };
    void transport.start();
    return transport;
  }

  async #deliver(message: JSONRPCMessage): Promise<void> {
    await this.#reopening;
    const transport = this.#transport;
    try {
      await this.#post(transport, message);
    } catch (error) {
      if (error instanceof UnauthorizedError && this.#options.signIn) {
        await this.#options.signIn.finish(transport);
      } else if (this.#isForgotten(transport, message, error)) {
        await this.#reopen(transport);
      } else {
        throw error;
      }
      await this.#post(this.#transport, message);
    }
  }

  /** Whether a message did not arrive because its session is gone. An answer would mean nothing in a new one. */
  #isForgotten(
    transport: StreamableHTTPClientTransport,
    message: JSONRPCMessage,
    error: unknown,
  ): boolean {
    const replaced = transport !== this.#transport;
    const gone = isNotFound(error) && transport.sessionId !== undefined;
    return 'method' in message && (gone || replaced);
  }

  async #post(
    transport: StreamableHTTPClientTransport,
    message: JSONRPCMessage,
  ): Promise<void> {
    if (!isJSONRPCRequest(message)) {
      await transport.send(message);
      return;
    }
    const { id } = message;
    const abort = new AbortController();
    const pending = { request: message, transport, abort, taken: false };
    this.#pending.set(id, pending);
    try {
      await transport.send(message, {
        requestSignal: abort.signal,
        onRequestStreamEnd: () => this.#lose(pending),
      });
      pending.taken = true;
    } catch (error) {
      this.#pending.delete(id);
      throw error;
    }
  }

  #receive(message: JSONRPCMessage): void {
    if (!('method' in message) && message.id !== undefined) {
      this.#pending.delete(message.id);
      this.#note(message);
    }
    this.#options.onMessage(message);
  }

  /** The revision that both sides have agreed on goes into every further request. */
  #note(message: JSONRPCMessage): void {
    if (!isJSONRPCResultResponse(message)) return;
    if (message.id !== this.#initialize?.id) return;
    const { protocolVersion } = message.result;
    if (typeof protocolVersion === 'string')
      this.#transport.setProtocolVersion(protocolVersion);
  }

  /** Whether a notification cancels a request of 2026-07-28, where the end of its stream says so. */
  #cancels(message: JSONRPCMessage): boolean {
    if (!('method' in message) || message.method !== 'notifications/cancelled')
      return false;
    const pending = this.#pending.get(message.params?.requestId as Id);
    const meta = pending?.request.params?._meta;
    if (!pending || meta?.[PROTOCOL_VERSION_META_KEY] === undefined)
      return false;
    this.#pending.delete(pending.request.id);
    pending.abort.abort();
    return true;
  }

  /** Opens a session like the one that the server has forgotten. Of several that find it gone, one does it. */
  #reopen(gone: StreamableHTTPClientTransport): Promise<void> {
    if (gone !== this.#transport) return this.#reopening ?? Promise.resolve();
    this.#reopening ??= this.#openAgain(gone).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #openAgain(gone: StreamableHTTPClientTransport): Promise<void> {
    const { log } = this.#options;
    if (!this.#initialize)
      throw new Error('There was no session to open again');
    log('the session is gone; opening a new one');
    const request = {
      ...this.#initialize,
      id: `mcp-connect-${++this.#reopened}`,
    };
    const transport = await new Promise<StreamableHTTPClientTransport>(
      (resolve, reject) => {
        const next = this.#connect(message => {
          if (!('method' in message) && message.id === request.id) {
            if (!isJSONRPCResultResponse(message)) {
              reject(new Error('The server does not open a new session'));
              return;
            }
            next.setProtocolVersion(String(message.result.protocolVersion));
            resolve(next);
            return;
          }
          this.#receive(message);
        });
        next.send(request).catch(reject);
      },
    );
    this.#transport = transport;
    if (this.#initialized) await transport.send(this.#initialized);
    for (const pending of this.#pending.values()) {
      if (pending.transport === gone && pending.taken) this.#lose(pending);
    }
    await gone.close();
  }

  /** The answer of a request that the server had taken will not come. */
  #lose(pending: Pending): void {
    if (this.#pending.get(pending.request.id) !== pending) return;
    pending.abort.abort();
    this.#fail(
      pending.request,
      new Error('The connection to the server ended before its answer'),
    );
  }

  /** A request gets the server's own error where there is one, else one that says what went wrong. */
  #fail(message: JSONRPCMessage, error: Error): void {
    this.#options.log(error.message);
    if (!isJSONRPCRequest(message)) return;
    this.#pending.delete(message.id);
    this.#options.onMessage({
      jsonrpc: '2.0',
      id: message.id,
      error: errorOf(error),
    });
  }
}

function errorOf(error: Error) {
  const text = error instanceof SdkHttpError ? error.data.text : undefined;
  try {
    const { error: theirs } = JSON.parse(String(text));
    if (typeof theirs.code === 'number' && typeof theirs.message === 'string')
      return theirs;
  } catch {
    // No JSON-RPC in it.
  }
  return { code: TRANSPORT_ERROR, message: error.message };
}
