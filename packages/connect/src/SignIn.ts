import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type {
  OAuthClientProvider,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { openBrowser } from './openBrowser';

const CALLBACK_PATH = '/callback';
/** How long a person may take to sign in. */
const SIGN_IN_MS = 5 * 60_000;

export interface SignInOptions {
  /** The server; each has its own tokens. */
  url: URL;
  stateDir: string;
  callbackPort: number;
  log: (text: string) => void;
  /** Shows a page to the person; by default in the system's browser. */
  show?: (url: URL) => void;
}

interface Stored {
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
}

/** The sign-in of a person by OAuth: in a browser once, then by the tokens kept in a file that only they can read. */
export class SignIn {
  readonly provider: OAuthClientProvider;
  readonly #options: SignInOptions;
  readonly #file: string;
  #stored: Stored;
  #verifier = '';
  #state = '';
  #callback?: Promise<URLSearchParams>;
  #finishing?: Promise<void>;
  #server?: Server;

  constructor(options: SignInOptions) {
    this.#options = options;
    const name = createHash('sha256').update(options.url.href).digest('hex');
    this.#file = join(options.stateDir, `${name.slice(0, 32)}.json`);
    this.#stored = this.#read();
    const redirectUrl = `http://127.0.0.1:${options.callbackPort}${CALLBACK_PATH}`;
    this.provider = {
      redirectUrl,
      clientMetadata: {
        client_name: 'mcp-connect',
        redirect_uris: [redirectUrl],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
      state: () => {
        this.#state = randomBytes(16).toString('hex');
        return this.#state;
      },
      clientInformation: () => this.#stored.client,
      saveClientInformation: client => this.#write({ client }),
      tokens: () => this.#stored.tokens,
      saveTokens: tokens => this.#write({ tokens }),
      codeVerifier: () => this.#verifier,
      saveCodeVerifier: verifier => {
        this.#verifier = verifier;
      },
      redirectToAuthorization: url => this.#ask(url),
      invalidateCredentials: scope => {
        if (scope === 'all' || scope === 'client')
          this.#write({ client: undefined, tokens: undefined });
        if (scope === 'tokens') this.#write({ tokens: undefined });
      },
    };
  }

  /** Waits until the person has signed in, and gets the tokens. Requests that wait at the same time share one. */
  finish(transport: StreamableHTTPClientTransport): Promise<void> {
    this.#finishing ??= this.#finish(transport).finally(() => {
      this.#finishing = undefined;
    });
    return this.#finishing;
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  async #finish(transport: StreamableHTTPClientTransport): Promise<void> {
    if (!this.#callback)
      throw new Error('The server refuses the sign-in; try again');
    try {
      await transport.finishAuth(await this.#callback);
    } finally {
      this.#callback = undefined;
    }
  }

  /** Opens the page and listens for the browser's way back. */
  async #ask(url: URL): Promise<void> {
    if (this.#callback) return;
    this.#callback = this.#listen();
    this.#callback.catch(() => {}); // `finish` hears of it
    this.#options.log(`Sign in to go on: ${url.href}`);
    (this.#options.show ?? openBrowser)(url);
  }

  #listen(): Promise<URLSearchParams> {
    const { callbackPort } = this.#options;
    return new Promise<URLSearchParams>((resolve, reject) => {
      const server = createServer((req, res) => {
        const { pathname, searchParams } = new URL(
          req.url ?? '/',
          'http://127.0.0.1',
        );
        // Another page in the browser may know this port; only the sign-in knows the state.
        if (
          pathname !== CALLBACK_PATH ||
          searchParams.get('state') !== this.#state
        ) {
          res.writeHead(404).end();
          return;
        }
        res.writeHead(200, {
          'content-type': 'text/plain; charset=utf-8',
          connection: 'close',
        });
        res.end('You can close this window and go back to your client.\n');
        resolve(searchParams);
      });
      this.#server = server;
      const timer = setTimeout(
        () => reject(new Error('Nobody signed in within 5 minutes')),
        SIGN_IN_MS,
      );
      server.once('error', error =>
        reject(
          new Error(
            `The sign-in cannot come back to port ${callbackPort} (${error.message}); choose another with --callback-port`,
          ),
        ),
      );
      server.once('close', () => clearTimeout(timer));
      server.listen(callbackPort, '127.0.0.1');
    }).finally(() => this.close());
  }

  #read(): Stored {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return {}; // none yet
    }
  }

  #write(change: Stored): void {
    this.#stored = { ...this.#stored, ...change };
    mkdirSync(this.#options.stateDir, { recursive: true, mode: 0o700 });
    const next = `${this.#file}.${process.pid}`;
    writeFileSync(next, JSON.stringify(this.#stored), { mode: 0o600 });
    renameSync(next, this.#file);
  }
}
