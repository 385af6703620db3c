import { connect, Socket } from 'node:net';
import type { Logger } from '../../observability/logger';
import type {
  Credentials,
  ProcessHost,
  ProcessListener,
  ServerProcess,
} from '../process';
import { encodeFrame, FrameReader, Kind, PROTOCOL_VERSION } from './frames';
import { AgentProcess } from './process';

const RETRY_MS = 100;
/** How long an agent that takes the connection may be silent. */
const HELLO_MS = 5000;

/**
 * Processes in the container of an agent, over one connection. When that
 * breaks, all of them are gone; it is made anew as soon as an agent waits.
 */
export class AgentHost implements ProcessHost {
  readonly isLocal = false;
  problem?: string = "The server's container has not started yet";
  onChange = () => {};

  private readonly processes = new Map<number, AgentProcess>();
  private socket?: Socket;
  private retry?: NodeJS.Timeout;
  private nextStream = 1;
  private closed = false;

  /** @param path of the agent's socket */
  constructor(private readonly path: string, private readonly logger: Logger) {
    this.connect();
  }

  start(
    command: readonly string[],
    credentials: Credentials | undefined,
    listener: ProcessListener,
  ): ServerProcess {
    const stream = this.nextStream++;
    const server = new AgentProcess(
      { argv: command, env: credentials },
      (kind, payload) => this.send(kind, stream, payload),
      listener,
    );
    this.processes.set(stream, server);
    if (this.problem !== undefined)
      setImmediate(() => this.loseAll(String(this.problem)));
    return server;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.socket?.destroy();
    this.loseAll('the bridge has closed the connection');
  }

  kill(): void {}

  private connect(): void {
    const socket = connect(this.path);
    this.socket = socket;
    const frames = new FrameReader((kind, stream, payload) =>
      this.receive(kind, stream, payload),
    );
    const silent = setTimeout(
      () => socket.destroy(new Error('it says nothing')),
      HELLO_MS,
    );
    let why: string | undefined;
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
        if (this.problem === undefined) clearTimeout(silent);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', error => {
      why = error.message;
    });
    socket.on('close', () => {
      clearTimeout(silent);
      this.onClose(
        why ?? 'its agent closed the connection; is this its --uid?',
      );
    });
  }

  private onClose(why: string): void {
    this.socket = undefined;
    if (this.closed) return;
    const wasConnected = this.problem === undefined;
    this.problem = wasConnected
      ? "The server's container has ended"
      : `The server's container is not reached (${why})`;
    if (wasConnected) {
      this.logger.warn({ path: this.path, problem: why }, this.problem);
      this.loseAll('its container has ended');
    }
    this.onChange();
    this.retry = setTimeout(() => this.connect(), RETRY_MS);
  }

  private receive(kind: number, stream: number, payload: Buffer): void {
    if (kind === Kind.hello) {
      if (payload[0] !== PROTOCOL_VERSION)
        throw new Error(`it speaks version ${payload[0]} of the protocol`);
      this.problem = undefined;
      this.logger.info({ path: this.path }, "the server's container is there");
      this.onChange();
      return;
    }
    this.processes.get(stream)?.receive(kind, payload);
    if (kind === Kind.gone) this.processes.delete(stream);
  }

  private loseAll(reason: string): void {
    const lost = [...this.processes.values()];
    this.processes.clear();
    for (const server of lost) server.lost(reason);
  }

  /** What is sent in one turn goes out in one piece. */
  private send(kind: number, stream: number, payload: Uint8Array): void {
    const { socket } = this;
    if (!socket || this.problem !== undefined) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(encodeFrame(kind, stream, payload));
  }
}
