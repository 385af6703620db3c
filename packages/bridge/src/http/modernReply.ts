import type { ServerResponse } from 'node:http';
import { ErrorCode } from '../frames/errors';
import { own } from '../frames/json';
import type { CallOutlet, Outcome } from '../session/types';
import type { EventConnection } from './connection';
import { sendJson } from './errors';
import { EVENT_STREAM_HEADERS } from './reply';

/** When a call takes longer, its reply becomes a stream that is kept alive. */
const STREAM_AFTER_MS = 10_000;

/** HTTP statuses that 2026-07-28 wants for errors; the others are the answer like any other. */
const STATUS: Readonly<Record<number, number>> = {
  [ErrorCode.methodNotFound]: 404,
  [ErrorCode.headerMismatch]: 400,
  [ErrorCode.missingCapability]: 400,
  [ErrorCode.unsupportedVersion]: 400,
};

function statusOf({ frame }: Outcome): number {
  const code = frame?.error && own(frame.error, 'code');
  return (typeof code === 'number' && STATUS[code]) || 200;
}

/**
 * The reply to a request of 2026-07-28: plain JSON when the answer is the first
 * thing that comes and comes soon, else an event stream, which cannot be resumed.
 */
export class ModernReply implements CallOutlet {
  /** The answer was given, or nobody waits for it any more. */
  done = false;
  private stream?: EventConnection;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly res: ServerResponse,
    private readonly connect: () => EventConnection,
  ) {}

  /** The request is under way. @param onLeft the client has left before its answer, which is how it cancels */
  begin(onLeft: () => void): void {
    this.timer = setTimeout(() => this.open(), STREAM_AFTER_MS);
    this.res.on('close', () => {
      clearTimeout(this.timer);
      if (this.done) return;
      this.done = true;
      onLeft();
    });
  }

  /** Nothing will come; somebody else answers. */
  abandon(): void {
    this.done = true;
    clearTimeout(this.timer);
  }

  send(raw: string): void {
    if (this.done) return;
    this.open().write(`event: message\ndata: ${raw}\n\n`);
  }

  answer(raw: string, outcome: Outcome): void {
    if (this.done) return;
    this.abandon();
    if (this.stream) this.stream.end(`event: message\ndata: ${raw}\n\n`);
    else sendJson(this.res, statusOf(outcome), raw);
  }

  private open(): EventConnection {
    if (this.stream) return this.stream;
    clearTimeout(this.timer);
    this.res.writeHead(200, EVENT_STREAM_HEADERS);
    this.res.flushHeaders();
    this.stream = this.connect();
    return this.stream;
  }
}
