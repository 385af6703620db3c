import type { IncomingMessage } from 'node:http';
import type { Exchange, HttpClient } from './exchange';

type Headers = Readonly<Record<string, string>>;

export interface SessionOptions {
  readonly client: HttpClient;
  /** What one user has to say to the server, with every request. */
  readonly credentials: Headers;
}

/** What the server and a client have agreed on, and the requests that say so. */
export class UpstreamSession {
  /** It was asked to initialize, so all that says nothing else is of a revision with sessions. */
  begun = false;
  /** The revision that the server has chosen. */
  version?: string;
  private id?: string;

  constructor(private readonly options: SessionOptions) {}

  /** @param reply to `initialize` */
  begin(reply: IncomingMessage | undefined): void {
    const id = reply?.headers['mcp-session-id'];
    if (typeof id === 'string') this.id = id;
  }

  /** Whether a reply says that the server does not know it any more. */
  isLost({ statusCode }: IncomingMessage): boolean {
    return statusCode === 404 && this.id !== undefined;
  }

  /** @param headers of a message that belongs to no session; those of the session when left out */
  post(
    body: string,
    signal: AbortSignal,
    headers: Headers = this.headers,
  ): Exchange {
    const { client, credentials } = this.options;
    return client.open({
      method: 'POST',
      headers: { ...credentials, ...headers },
      body,
      signal,
    });
  }

  /** Opens a stream; where it was left, when it has got that far. */
  get(lastId: string | undefined, signal: AbortSignal): Exchange {
    const { client, credentials } = this.options;
    const headers = { ...credentials, ...this.headers };
    const resume = lastId === undefined ? {} : { 'last-event-id': lastId };
    return client.open({
      method: 'GET',
      headers: { ...headers, ...resume },
      signal,
    });
  }

  /** Tells the server that it is over. Resolves when it has heard so, or cannot. */
  async end(signal: AbortSignal): Promise<void> {
    if (this.id === undefined) return;
    const { client, credentials } = this.options;
    const headers = { ...credentials, ...this.headers };
    const { reply } = client.open({ method: 'DELETE', headers, signal });
    (await reply.catch(() => undefined))?.resume();
  }

  private get headers(): Headers {
    return {
      ...(this.id === undefined ? {} : { 'mcp-session-id': this.id }),
      ...(this.version === undefined
        ? {}
        : { 'mcp-protocol-version': this.version }),
    };
  }
}
