import { factsOf, ServerFacts } from '../child/probe';
import type { Limits } from '../config/schema';
import { ErrorCode, errorText, Refusal } from '../frames/errors';
import {
  errorFrame,
  idKey,
  NotificationFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionPlan } from '../pool/pools';
import { ClientCall, ClientCalls } from './calls';
import { FreeStreams } from './free';
import type {
  Backend,
  BackendListener,
  CallOutlet,
  FreeOutlet,
  Outcome,
  Principal,
  SessionEnd,
} from './types';

/** Requests of the server to the client that may wait at a time. */
const MAX_SERVER_REQUESTS = 1000;

export interface SessionOptions {
  readonly id: string;
  readonly principal: Principal;
  /** The path of the front end that opened it; other ends do not know it. */
  readonly endpoint: string;
  /** What is going to serve it. */
  readonly plan: SessionPlan;
  readonly limits: () => Limits;
  readonly metrics: BridgeMetrics;
  readonly onInitialized: (facts: ServerFacts) => void;
  /** Once. */
  readonly onEnd: (session: Session) => void;
}

/**
 * One client of a revision with sessions, and what serves it. What the server
 * says that names no call goes to the only call that runs, or else to a free
 * stream of the session.
 */
export class Session implements BackendListener {
  readonly id: string;
  readonly principal: Principal;
  readonly endpoint: string;
  /** The revision that the server has chosen. */
  protocolVersion?: string;
  ended = false;
  lastActive = Date.now();

  private readonly calls = new ClientCalls();
  private readonly free: FreeStreams;
  /** The server's requests to the client, with the place each went to. */
  private readonly serverRequests = new Map<
    string,
    CallOutlet | FreeOutlet | undefined
  >();
  private readonly backend: Backend;
  private answeredInitialize = false;

  constructor(private readonly options: SessionOptions) {
    this.id = options.id;
    this.principal = options.principal;
    this.endpoint = options.endpoint;
    this.free = new FreeStreams(() => options.metrics.rejected('unattributed'));
    this.backend = options.plan.connect(this);
  }

  /** The server has accepted `initialize`. */
  get initialized(): boolean {
    return this.answeredInitialize;
  }

  get ownsProcess(): boolean {
    return this.options.plan.takesProcess;
  }

  get pendingCount(): number {
    return this.calls.size;
  }

  get backlog(): number {
    return this.backend.backlog;
  }

  onceDrained(then: () => void): void {
    this.backend.onceDrained(then);
  }

  /** Stops reading from the server while a reader is behind. */
  hold(): void {
    this.backend.hold();
  }

  release(): void {
    this.backend.release();
  }

  /** Whether nobody has used it since then, waits for an answer, or listens. */
  isQuietSince(time: number): boolean {
    return (
      this.calls.size === 0 && this.free.size === 0 && this.lastActive < time
    );
  }

  touch(): void {
    this.lastActive = Date.now();
  }

  /**
   * Sends a request to the server. Its answer, or an error, always reaches the outlet.
   * @throws Refusal 429 when too many are waiting, before anything is sent
   */
  request(frame: RequestFrame, outlet: CallOutlet, startedAt: number): void {
    const { limits, metrics } = this.options;
    const { maxPending } = limits();
    if (this.calls.size >= maxPending) {
      throw new Refusal(
        429,
        'pending',
        `This session already has ${maxPending} unanswered requests`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.touch();
    const call = new ClientCall(frame, outlet, startedAt, this.onAnswer);
    this.calls.add(call);
    call.sent = this.backend.request(frame, call);
    metrics.overhead((performance.now() - startedAt) / 1000);
  }

  /** Passes a client's notification on; a cancellation to the call that it means. */
  notify(frame: NotificationFrame): void {
    this.touch();
    if (frame.method !== 'notifications/cancelled' || !frame.reference) {
      this.backend.notify(frame);
      return;
    }
    const call = this.calls.newest(frame.reference.text);
    // Already answered, or never asked; and the specification lets nobody cancel initialize.
    if (!call || call.frame.method === 'initialize') return;
    call.sent?.cancel(frame);
    // A server that obeys does not answer any more, so the call ends here.
    call.answer(
      errorText(
        call.frame.idText,
        ErrorCode.cancelled,
        'The request was cancelled',
      ),
      { status: 'cancelled' },
    );
  }

  /** Passes a client's answer to a request of the server on; others are dropped. */
  respond(frame: ResponseFrame): void {
    this.touch();
    if (!this.serverRequests.delete(idKey(frame.idText))) {
      this.options.metrics.rejected('unattributed');
      return;
    }
    this.backend.respond(frame);
  }

  /** Opens a free stream; what was held goes there now, and what comes, to the newest. */
  attach(outlet: FreeOutlet): void {
    this.touch();
    this.free.attach(outlet);
  }

  detach(outlet: FreeOutlet): void {
    this.free.detach(outlet);
  }

  get freeStreams(): number {
    return this.free.size;
  }

  /** Ends the oldest free stream, to make room. */
  dropOldestFree(): void {
    this.free.dropOldest();
  }

  /** Has whoever listens proven anew. */
  renewFree(): void {
    this.free.renewAll();
  }

  /** Ends the session and what serves it; what waits gets an error. Resolves when nothing is left of it. */
  async end(
    text: string,
    reason: SessionEnd['reason'] = 'ended',
  ): Promise<void> {
    const stopped = this.backend.stop({ reason, text });
    this.onEnd({ reason, text });
    await stopped;
  }

  onRequest(frame: RequestFrame, call?: CallOutlet): void {
    if (this.serverRequests.size >= MAX_SERVER_REQUESTS) {
      this.backend.respond(
        errorFrame(
          frame.idText,
          ErrorCode.unavailable,
          'Too many requests to the client are unanswered',
        ),
      );
      return;
    }
    const place = call ?? this.place();
    this.serverRequests.set(idKey(frame.idText), place);
    this.free.deliver(place, frame.raw);
  }

  onNotification(frame: NotificationFrame, call?: CallOutlet): void {
    if (frame.method === 'notifications/cancelled' && frame.reference) {
      const key = idKey(frame.reference.text);
      if (!this.serverRequests.has(key)) return;
      const place = this.serverRequests.get(key);
      this.serverRequests.delete(key);
      this.free.deliver(place, frame.raw);
      return;
    }
    this.free.deliver(call ?? this.place(), frame.raw);
  }

  onLate(raw: string): void {
    this.free.deliver(this.free.newest, raw);
  }

  onEnd(why: SessionEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.free.endAll(why);
    this.options.onEnd(this);
  }

  private readonly onAnswer = (
    call: ClientCall,
    { status, frame }: Outcome,
  ): void => {
    if (!this.calls.remove(call)) return;
    this.touch();
    const { method, params } = call.frame;
    if (method === 'initialize' && frame && !frame.error) {
      const facts = factsOf(frame);
      this.protocolVersion = facts.protocolVersion;
      this.answeredInitialize = true;
      this.options.onInitialized(facts);
    }
    const seconds = (performance.now() - call.startedAt) / 1000;
    this.options.metrics.call(method, params, status, this.endpoint, seconds);
  };

  /** Where a message goes that names no call: to the only one that runs, else to the newest free stream. */
  private place(): CallOutlet | FreeOutlet | undefined {
    return this.calls.only ?? this.free.newest;
  }
}
