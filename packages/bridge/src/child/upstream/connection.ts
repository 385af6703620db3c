import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  NotificationFrame,
  parseFrame,
  RequestFrame,
  ResponseFrame,
} from '../../frames/frame';
import { JsonObject, own, ownObject } from '../../frames/json';
import { PROTOCOL_VERSION } from '../../frames/meta';
import { requestFrame } from '../../session/ask';
import { Backoff } from '../backoff';
import { bridgeEnvelope } from '../client';
import type { ProcessListener, ServerProcess } from '../process';
import { Call } from './call';
import { EventReader, readEvents } from './events';
import {
  type Exchange,
  isStream,
  isSuccess,
  reasonOf,
  textOf,
} from './exchange';
import { ModernHeaders } from './modernHeaders';
import { Output } from './output';
import { SessionOptions, UpstreamSession } from './session';

/** How long a server may take to accept what it does not answer, in milliseconds. */
const ACCEPT_MS = 5000;
/** It has no stream for what belongs to no call; others may have one later. */
const WITHOUT_STREAM = new Set([400, 401, 403, 404, 405, 406, 501]);

export interface ConnectionOptions extends SessionOptions {
  readonly maxLine: () => number;
  /** The server was not reached, or has broken off. */
  readonly onTrouble: () => void;
  /** Nothing more goes over it. */
  readonly onEnd: (connection: UpstreamConnection) => void;
}

/**
 * One client's way to a server that speaks HTTP, in the shape of a process:
 * each line of its stdin is posted, and what the server says comes out of its
 * stdout. `initialize` begins a session; the end of stdin ends it.
 */
export class UpstreamConnection implements ServerProcess {
  readonly pid = null;
  readonly stdin: Writable;
  readonly stdout = new Output();
  readonly stderr = new Readable({ read() {} });

  private readonly session: UpstreamSession;
  private ended = false;
  private readonly calls = new Map<string, Call>();
  private readonly modern = new ModernHeaders(cursor => this.listTools(cursor));
  /** Ends all that is under way. */
  private readonly over = new AbortController();
  /** Ends the wait for the end of the session. */
  private readonly leaving = new AbortController();

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ProcessListener,
  ) {
    this.session = new UpstreamSession(options);
    this.stdin = new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) =>
        void this.send(line).then(() => done()),
      final: done => void this.leave().then(() => done()),
    });
  }

  /** There is no gentle way but the end of stdin. */
  signal(signal: NodeJS.Signals): void {
    this.leaving.abort();
    this.end(() => {
      this.listener.onExit(null, signal);
      this.listener.onClose();
    });
  }

  async sweep(): Promise<void> {}

  /** The server is gone, or knows the session no more. */
  lose(reason: string): void {
    this.end(() => this.listener.onLost(reason));
  }

  private async send(line: string): Promise<void> {
    const frame = parseFrame(line.trimEnd());
    if (frame.kind === 'request') {
      const call = new Call({
        idText: frame.idText,
        deliver: text => this.stdout.write(text),
        onAnswer: (result, error) => {
          if (frame.method === 'initialize')
            this.session.version =
              result && String(own(result, 'protocolVersion'));
          this.modern.learn(error);
        },
      });
      await this.ask(frame, call);
    } else await this.tell(frame);
  }

  /** Resolves when the next message may be sent. */
  private async ask(frame: RequestFrame, call: Call): Promise<void> {
    this.calls.set(frame.idText, call);
    const isModern = claimsRevision(frame);
    const headers = isModern ? await this.modern.of(frame) : undefined;
    const exchange = this.session.post(frame.raw, call.signal, headers);
    if (frame.method === 'initialize') {
      this.session.begun = true;
      this.session.begin(await exchange.reply.catch(() => undefined));
    }
    void this.follow(call, exchange, !isModern).finally(() => {
      call.close();
      this.calls.delete(frame.idText);
    });
    await exchange.sent;
  }

  /** What wants no answer goes in its turn. */
  private async tell(frame: NotificationFrame | ResponseFrame): Promise<void> {
    const isCancellation =
      frame.kind === 'notification' &&
      frame.method === 'notifications/cancelled';
    const call = isCancellation
      ? this.calls.get(frame.reference?.text ?? '')
      : undefined;
    // Without sessions to close the reply is to cancel.
    if (this.session.begun || !isCancellation) await this.deliver(frame);
    call?.cancel();
  }

  private async deliver(
    frame: NotificationFrame | ResponseFrame,
  ): Promise<void> {
    const headers =
      this.session.begun || frame.kind === 'response'
        ? undefined
        : await this.modern.of(frame);
    const patience = AbortSignal.timeout(ACCEPT_MS);
    const signal = AbortSignal.any([this.over.signal, patience]);
    try {
      const reply = await this.session.post(frame.raw, signal, headers).reply;
      reply.resume();
      if (this.isSessionLost(reply)) return;
      const isReady =
        frame.kind === 'notification' &&
        frame.method === 'notifications/initialized';
      if (isReady && isSuccess(reply)) void this.listen();
    } catch {
      if (!signal.aborted) this.options.onTrouble();
    }
  }

  /** Reads the reply to a call, over several streams if the server wants it so. */
  private async follow(
    call: Call,
    exchange: Exchange,
    mayResume: boolean,
  ): Promise<void> {
    const { maxLine, onTrouble } = this.options;
    const events = new EventReader(maxLine);
    try {
      let reply = await exchange.reply;
      while (isStream(reply) && isSuccess(reply)) {
        await readEvents(reply, events, async data => {
          if (data === undefined) await call.fail(this.tooLong);
          else await call.take(data);
        });
        if (call.done) return;
        if (!mayResume || events.lastId === undefined) {
          onTrouble();
          await call.fail('The server ended its reply without an answer');
          return;
        }
        await delay(events.retryMs, undefined, { signal: call.signal });
        reply = await this.session.get(events.lastId, call.signal).reply;
      }
      await this.takeWhole(call, reply, mayResume);
    } catch (error) {
      if (call.done) return;
      onTrouble();
      await call.fail(`The connection to the server broke: ${reasonOf(error)}`);
    }
  }

  /** Reads a reply that is no stream. */
  private async takeWhole(
    call: Call,
    reply: IncomingMessage,
    hasSession: boolean,
  ): Promise<void> {
    const { statusCode = 0 } = reply;
    const text = await textOf(reply, this.options.maxLine());
    if (hasSession && this.isSessionLost(reply)) return;
    if (text === undefined) await call.fail(this.tooLong);
    else if (isSuccess(reply)) {
      if (text !== '') await call.take(text);
      await call.fail('The server took the request and gave no answer');
    } else {
      const words = `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim();
      await call.refuse(text, `The server answered with HTTP status ${words}`);
    }
  }

  /** Reads what belongs to no call, as long as there is a session. */
  private async listen(): Promise<void> {
    const { maxLine, onTrouble } = this.options;
    const events = new EventReader(maxLine);
    const backoff = new Backoff();
    const { signal } = this.over;
    while (!signal.aborted) {
      try {
        const reply = await this.session.get(events.lastId, signal).reply;
        if (this.isSessionLost(reply)) return;
        if (isStream(reply) && isSuccess(reply)) {
          backoff.succeeded();
          await readEvents(reply, events, async data => {
            if (data !== undefined) await this.stdout.write(data);
            else this.stderr.push(`${this.tooLong}; it was dropped\n`);
          });
        } else {
          reply.resume();
          if (WITHOUT_STREAM.has(reply.statusCode ?? 0)) return;
          backoff.failed();
        }
      } catch {
        backoff.failed();
        if (!signal.aborted) onTrouble();
      }
      const wait = Math.max(events.retryMs, backoff.remaining);
      await delay(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Asks for one page of tools on the bridge's own account. */
  private listTools(cursor: unknown): Promise<JsonObject | undefined> {
    const params = {
      ...(cursor === undefined ? {} : { cursor }),
      _meta: bridgeEnvelope(),
    };
    const frame = requestFrame('tools/list', params);
    return new Promise(resolve => {
      const call = new Call({
        idText: frame.idText,
        deliver: async () => {},
        onAnswer: resolve,
      });
      void this.ask(frame, call);
    });
  }

  private get tooLong(): string {
    return `The server's answer is longer than the limit of ${this.options.maxLine()} bytes`;
  }

  private isSessionLost(reply: IncomingMessage): boolean {
    if (!this.session.isLost(reply)) return false;
    this.lose('the server does not know the session any more (404)');
    return true;
  }

  private async leave(): Promise<void> {
    this.cancelAll();
    await this.session.end(this.leaving.signal);
    this.end(() => {
      this.listener.onExit(0, null);
      this.listener.onClose();
    });
  }

  private end(tell: () => void): void {
    if (this.ended) return;
    this.ended = true;
    this.cancelAll();
    this.options.onEnd(this);
    tell();
    this.stdin.destroy();
    this.stdout.destroy();
    this.stderr.destroy();
  }

  private cancelAll(): void {
    this.over.abort();
    for (const call of this.calls.values()) call.cancel();
  }
}

/** Whether a request says its revision itself, as those without sessions do. */
function claimsRevision({ params }: RequestFrame): boolean {
  const meta = ownObject(params, '_meta');
  return meta !== undefined && own(meta, PROTOCOL_VERSION) !== undefined;
}
