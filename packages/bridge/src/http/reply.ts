import type { ServerResponse } from 'node:http';
import type { CallOutlet } from '../session/types';
import type { EventConnection } from './connection';
import { sendJson } from './errors';
import type { EventStream, StreamStore } from './streams';

export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export interface ReplyOptions {
  /** Answers that will come: one, or as many as a batch has requests. */
  readonly expected: number;
  /** Headers for either kind of answer; read when the answer begins. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly store: StreamStore;
  readonly connect: (res: ServerResponse) => EventConnection;
  /** Whether clients understand an event without data. */
  readonly primed: boolean;
  /** After this long without an answer the reply becomes an event stream, in milliseconds. */
  readonly patience: number;
}

/**
 * The reply to a POST: plain JSON when the answer is the first thing that
 * comes and comes soon, else an event stream, which can carry messages before
 * the answer, comments against time-outs, and ids to resume from.
 */
export class PostReply implements CallOutlet {
  private stream?: EventStream;
  private waiting: number;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly res: ServerResponse,
    private readonly options: ReplyOptions,
  ) {
    this.waiting = options.expected;
    this.timer = setTimeout(() => this.upgrade(), options.patience);
    res.on('close', () => clearTimeout(this.timer));
  }

  send(raw: string): void {
    if (this.waiting > 0) this.upgrade()?.send(raw);
  }

  answer(raw: string): void {
    if (this.waiting === 0) return;
    const last = --this.waiting === 0;
    if (last) clearTimeout(this.timer);
    if (this.stream || !last || this.options.expected > 1) {
      const stream = this.upgrade();
      if (last) stream?.finish(raw);
      else stream?.send(raw);
      return;
    }
    sendJson(this.res, 200, raw, this.options.headers());
  }

  /** Becomes an event stream, unless the client has left before it knew of one. */
  private upgrade(): EventStream | undefined {
    if (this.stream || this.res.destroyed || this.res.headersSent)
      return this.stream;
    clearTimeout(this.timer);
    this.res.writeHead(200, {
      ...this.options.headers(),
      ...EVENT_STREAM_HEADERS,
    });
    this.stream = this.options.store.create(this.options.connect(this.res));
    if (this.options.primed) this.stream.prime();
    else this.res.flushHeaders();
    return this.stream;
  }
}
