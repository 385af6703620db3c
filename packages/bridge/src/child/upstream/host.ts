import { connect } from 'node:net';
import { isLoopback } from '../../config/loopback';
import type { Logger } from '../../observability/logger';
import type {
  Credentials,
  ProcessHost,
  ProcessListener,
  ServerProcess,
} from '../process';
import { UpstreamConnection } from './connection';
import { HttpClient, reasonOf } from './exchange';
import { openAddresses } from './listeners';
import type { Program } from './program';

/** How often a server that is not there is looked for, and one that is, in milliseconds. */
const SEEK_MS = 100;
const WATCH_MS = 5000;
const CONNECT_MS = 3000;

export interface UpstreamOptions {
  readonly url: URL;
  /** What serves the URL, when the bridge is to run it. */
  readonly program?: Program;
  /** Headers by the variable of one user's credentials that they are. */
  readonly headerEnv: () => Readonly<Record<string, string>>;
  readonly maxLine: () => number;
  readonly logger: Logger;
}

/**
 * A server that speaks Streamable HTTP itself. It is served only while nobody reaches it past the bridge. What is a process elsewhere is
 * a client's connection here, with a session of its own; all of them are lost
 * when the server is.
 */
export class UpstreamHost implements ProcessHost {
  readonly isLocal = false;
  problem?: string;
  onChange = () => {};

  private readonly connections = new Set<UpstreamConnection>();
  private readonly client: HttpClient;
  private timer?: NodeJS.Timeout;
  private looking = false;
  private closed = false;

  constructor(private readonly options: UpstreamOptions) {
    const { url, program } = options;
    this.client = new HttpClient(url);
    this.problem = `The server at ${url} is not there yet`;
    if (program) program.onExit = reason => this.lost(reason);
    program?.start();
    this.look();
  }

  start(
    _command: readonly string[],
    credentials: Credentials | undefined,
    listener: ProcessListener,
  ): ServerProcess {
    const connection = new UpstreamConnection(
      {
        client: this.client,
        credentials: this.headersOf(credentials),
        maxLine: this.options.maxLine,
        onTrouble: () => this.look(),
        onEnd: ended => this.connections.delete(ended),
      },
      listener,
    );
    this.connections.add(connection);
    if (this.problem !== undefined)
      setImmediate(() => connection.lose(String(this.problem)));
    return connection;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.loseAll('the bridge has closed the connection');
    this.client.close();
    await this.options.program?.stop();
  }

  kill(): void {
    this.options.program?.kill();
  }

  private headersOf(credentials: Credentials = {}): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.options.headerEnv())
        .filter(([, variable]) => Object.hasOwn(credentials, variable))
        .map(([header, variable]) => [header, credentials[variable]]),
    );
  }

  /** Finds out whether the port takes connections, now and again after a while. */
  private look(): void {
    if (this.looking || this.closed) return;
    clearTimeout(this.timer);
    const { url, program } = this.options;
    if (program?.isRunning === false) {
      // Why nobody is there is known already, or now.
      if (program.problem !== undefined) this.lost(program.problem);
      this.lookAgain();
      return;
    }
    this.looking = true;
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    const socket = connect(port, url.hostname.replace(/^\[(.*)\]$/, '$1'));
    socket.setTimeout(CONNECT_MS, () =>
      socket.destroy(new Error('it does not answer')),
    );
    socket.once('connect', () => socket.destroy());
    socket.once('error', error => {
      if (program?.isRunning !== false)
        this.lost(`it is not reached (${reasonOf(error)})`);
    });
    socket.once('close', hadError => void this.looked(port, hadError));
  }

  private async looked(port: number, hadError: boolean): Promise<void> {
    const isHere = isLoopback(this.options.url.hostname);
    const open = hadError || !isHere ? [] : await openAddresses(port);
    this.looking = false;
    if (open.length > 0)
      this.lost(
        `it listens on ${open[0]}:${port}, where it is reached past the bridge; have it listen on 127.0.0.1 alone`,
        'must not be used',
      );
    else if (!hadError) this.found();
    this.lookAgain();
  }

  private lookAgain(): void {
    if (this.closed) return;
    const wait = this.problem === undefined ? WATCH_MS : SEEK_MS;
    this.timer = setTimeout(() => this.look(), wait).unref();
  }

  private found(): void {
    const { program, url, logger } = this.options;
    if (this.closed || this.problem === undefined) return;
    if (program?.isRunning === false) return; // it has just ended
    this.problem = undefined;
    logger.info({ url: url.href }, 'the server is there');
    this.onChange();
  }

  private lost(reason: string, state = 'is not there'): void {
    if (this.closed) return;
    const { url, logger } = this.options;
    const wasThere = this.problem === undefined;
    this.problem = `The server at ${url} ${state}: ${reason}`;
    if (wasThere) {
      logger.warn({ url: url.href, problem: reason }, 'the server is gone');
      this.loseAll(reason);
    }
    this.onChange();
  }

  private loseAll(reason: string): void {
    for (const connection of [...this.connections]) connection.lose(reason);
  }
}
