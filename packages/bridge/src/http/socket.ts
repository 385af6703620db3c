import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { MemoryBudget } from './body';
import { CloseCode, closeText } from './closeCodes';
import { Flow, FlowOptions } from './flow';

/** Pings without any sign of life after which a peer counts as gone. */
const MISSED_PINGS = 2;
/** How long the last words and the peer's answer to them may take. */
const CLOSE_GRACE_MS = 10_000;
/** What surrounds the payload of a control frame of a client. */
const CONTROL_FRAME_BYTES = 6;

export interface SocketOptions extends FlowOptions {
  /** How often the peer is asked for a sign of life, in milliseconds. */
  readonly pingEvery: number;
  readonly budget: MemoryBudget;
}

/** One WebSocket on the wire: bounded both ways, and rid of peers that are gone. */
export class SocketConnection {
  /** One message of the client. */
  onMessage: (text: string) => void = () => {};
  /** The peer has shown that it lives. */
  onAlive: () => void = () => {};
  /** What the client has done wrong, before the socket is closed for it. */
  onFault: (fault: 'body' | 'memory' | 'protocol') => void = () => {};
  /** Called once, when nothing goes either way any more. */
  onClose: () => void = () => {};

  private closed = false;
  private missed = 0;
  /** Bytes that came in since the last whole message. */
  private incoming = 0;
  private readonly flow: Flow;
  private readonly pings: NodeJS.Timeout;

  constructor(
    private readonly ws: WebSocket,
    socket: Socket,
    private readonly options: SocketOptions,
  ) {
    this.flow = new Flow(options, () => this.cut());
    this.pings = setInterval(() => this.ping(), options.pingEvery);
    this.pings.unref();
    socket.on('drain', () => this.flow.caughtUp());
    socket.on('data', (chunk: Buffer) => this.received(chunk.length));
    ws.on('message', (data, isBinary) => this.message(data, isBinary));
    ws.on('ping', data => this.control(data));
    ws.on('pong', data => {
      this.control(data);
      this.onAlive();
    });
    ws.on('error', error => this.fault(error));
    ws.on('close', () => this.finished());
  }

  send(text: string): void {
    if (this.closed) return;
    this.ws.send(text, () => {}); // a failure shows as the end of the socket
    this.flow.wrote(this.ws.bufferedAmount);
  }

  /** Lets the client wait until the server has taken what it sent. */
  pause(): void {
    this.ws.pause();
  }

  resume(): void {
    this.ws.resume();
  }

  /** Says why, and ends after what is queued. */
  end(code: number, text: string): void {
    if (this.closed) return;
    this.ws.resume(); // else the peer's answer to the end would not be read
    this.ws.close(code, closeText(text));
    this.finished();
  }

  /** Ends at once. */
  cut(): void {
    this.ws.terminate();
    this.finished();
  }

  private ping(): void {
    // A paused socket hides the signs of life; a full one keeps the ping waiting, and has a limit of its own.
    if (this.ws.isPaused || this.flow.isHolding) return;
    if (this.missed >= MISSED_PINGS) {
      this.cut();
      return;
    }
    this.missed++;
    this.ws.ping();
  }

  private received(bytes: number): void {
    if (this.closed) return;
    this.missed = 0;
    this.incoming += bytes;
    if (this.options.budget.take(bytes)) return;
    this.onFault('memory');
    this.end(
      CloseCode.tryAgainLater,
      'Too many large messages at a time; try again',
    );
  }

  private message(data: RawData, isBinary: boolean): void {
    this.forget(this.incoming);
    if (this.closed) return;
    if (isBinary) {
      this.onFault('protocol');
      this.end(CloseCode.unsupportedData, 'Messages must be text');
      return;
    }
    this.onMessage(String(data));
  }

  /** Control frames are no part of a message, and may stand between its parts. */
  private control(data: Buffer): void {
    this.forget(Math.min(this.incoming, data.length + CONTROL_FRAME_BYTES));
  }

  private forget(bytes: number): void {
    this.incoming -= bytes;
    this.options.budget.take(-bytes);
  }

  /** The library has closed the socket with a code that says what is wrong. */
  private fault(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.onFault('body');
    else if (code?.startsWith('WS_ERR_')) this.onFault('protocol');
    this.finished();
  }

  private finished(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.pings);
    if (this.ws.readyState !== this.ws.CLOSED) {
      const grace = setTimeout(() => this.ws.terminate(), CLOSE_GRACE_MS);
      this.ws.once('close', () => clearTimeout(grace));
    }
    this.forget(this.incoming);
    this.flow.caughtUp();
    this.onClose();
  }
}
