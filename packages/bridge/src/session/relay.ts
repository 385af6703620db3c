import { Child, ChildExit, ChildListener, describeExit } from '../child/child';
import { idOfOversized, OversizedLine } from '../child/lines';
import type { Limits } from '../config/schema';
import { ErrorCode, errorText, FrameError } from '../frames/errors';
import {
  Frame,
  NotificationFrame,
  parseFrame,
  readdressReference,
  readdressRequest,
  readdressResponse,
  readdressSubscription,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import type { Logger } from '../observability/logger';
import type { BridgeMetrics, CallStatus } from '../observability/metrics';
import { LateTokens } from './late';
import type {
  Backend,
  BackendListener,
  CallOutlet,
  Sent,
  SessionEnd,
} from './types';

/** Who is told how a process gets on. */
export interface Health {
  /** Another process for one that died before it was of any use, if it is to get one. */
  replace(dead: Child): Child | undefined;
  /** It has answered more than how it begins. */
  proven(): void;
  /** It has died, or kept silent, before it was of any use. */
  failed(): void;
}

export interface RelayOptions {
  readonly limits: () => Limits;
  /** How long the server may take to answer its first request, in milliseconds. */
  readonly startTimeout: () => number;
  readonly health: Health;
  readonly metrics: BridgeMetrics;
  readonly logger: Logger;
}

/** Writes the request as the server shall read it, under this id, which is its progress token too. */
type Writer = (id: string) => string;

/** A request that the process has not answered yet. */
export interface RelayCall extends Sent {
  readonly upstreamId: number;
  readonly method: string;
  readonly outlet: CallOutlet;
  /** The client's id and progress token as they were written; another request may go on with the call. */
  idText: string;
  tokenText?: string;
  readonly isTask: boolean;
  timer?: NodeJS.Timeout;
}

/** So many calls without an answer in a row, and no answer at all between them, are a process that is stuck. */
const STUCK_AFTER = 3;
const FIRST_METHODS = new Set(['initialize', 'server/discover']);
/** A process that has lived for this long has started well, in milliseconds. */
const STEADY_MS = 5000;
/** Its answer is the end of what was asked for. */
const LISTEN = 'subscriptions/listen';

/**
 * All that goes between the bridge and one process, as raw frames: requests go
 * up under ids of the bridge's own, answers, progress and what a subscription
 * brings find their call by these. What names no call is for the listener.
 */
export class Relay implements ChildListener, Backend {
  listener?: BackendListener;
  private readonly calls = new Map<number, RelayCall>();
  private readonly lateTokens = new LateTokens();
  private nextId = 1;
  /** What was sent first, until it is answered, when it may be sent again. */
  private opening?: string;
  /** It has begun; it has answered more than that. */
  private begun = false;
  private proven = false;
  private noisy = false;
  private unanswered = 0;
  /** The process is gone, or goes. */
  private ended?: SessionEnd;

  constructor(private process: Child, private readonly options: RelayOptions) {
    process.listener = this;
  }

  /** The process; one that had waited and dies before it answers anything is replaced. */
  get child(): Child {
    return this.process;
  }

  get pendingCount(): number {
    return this.calls.size;
  }

  /** It answers nothing any more. */
  get isStuck(): boolean {
    return this.unanswered >= STUCK_AFTER;
  }

  get backlog(): number {
    return this.child.backlog;
  }

  onceDrained(then: () => void): void {
    this.child.onceDrained(then);
  }

  hold(): void {
    this.child.hold();
  }

  release(): void {
    this.child.release();
  }

  request(
    frame: RequestFrame,
    outlet: CallOutlet,
    write: Writer = id => readdressRequest(frame, id, id),
  ): RelayCall {
    const upstreamId = this.nextId++;
    const call: RelayCall = {
      upstreamId,
      method: frame.method,
      outlet,
      idText: frame.idText,
      tokenText: frame.progress?.text,
      isTask: frame.params?.task !== undefined,
      cancel: told => this.cancel(call, told),
    };
    this.calls.set(upstreamId, call);
    this.restartClock(call);
    this.child.pending = this.calls.size;
    if (this.ended) queueMicrotask(() => this.failAll());
    else {
      const line = write(String(upstreamId));
      if (upstreamId === 1 && FIRST_METHODS.has(call.method))
        this.opening = line;
      this.child.send(line);
    }
    return call;
  }

  notify(frame: NotificationFrame): void {
    this.child.send(frame.raw);
  }

  respond(frame: ResponseFrame): void {
    this.child.send(frame.raw);
  }

  /** Lets a call wait for something else than the server. */
  stopClock(call: RelayCall): void {
    clearTimeout(call.timer);
  }

  restartClock(call: RelayCall): void {
    clearTimeout(call.timer);
    if (call.method === LISTEN || !this.calls.has(call.upstreamId)) return;
    // A server that starts slowly is not a call that takes too long.
    const patience = FIRST_METHODS.has(call.method)
      ? this.options.startTimeout()
      : this.options.limits().callTimeout;
    call.timer = setTimeout(() => this.timeOut(call, patience), patience);
  }

  async stop(why: SessionEnd): Promise<void> {
    this.ended ??= why;
    this.failAll();
    await this.child.stop();
  }

  onLine(line: string): void {
    const receivedAt = performance.now();
    if (line.trim() === '') return;
    let frame: Frame;
    try {
      frame = parseFrame(line);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.noise(error);
      return;
    }
    if (frame.kind === 'response') this.onResponse(frame);
    else if (frame.kind === 'request') this.listener?.onRequest(frame);
    else this.onNotification(frame);
    this.options.metrics.overhead((performance.now() - receivedAt) / 1000);
  }

  onOversizedLine(line: OversizedLine): void {
    const { metrics, limits } = this.options;
    metrics.rejected('line');
    const id = idOfOversized(line);
    const call = id === undefined ? this.only : this.calls.get(id);
    if (!call) return;
    const text = `The server's answer is longer than the limit of ${
      limits().maxLine
    } bytes`;
    this.fail(call, ErrorCode.unavailable, text, { reason: 'line' });
  }

  onExit(exit: ChildExit): void {
    if (!this.ended && exit.lost === undefined) {
      if (this.beginAgain()) return;
      if (this.isEarly()) this.options.health.failed();
    }
    const why: SessionEnd = {
      reason: 'child_exited',
      text: `The server's process ${describeExit(exit)}`,
      data: {
        code: exit.code,
        signal: exit.signal,
        stderr: exit.stderr.slice(-5),
      },
    };
    this.ended ??= why;
    this.failAll();
    this.listener?.onEnd(why);
  }

  /** Sends what was asked first to another process, when this one has died before it answered and nothing else was asked. */
  private beginAgain(): boolean {
    if (this.opening === undefined || this.nextId > 2) return false;
    const next = this.options.health.replace(this.process);
    if (!next) return false;
    this.process = next;
    next.listener = this;
    next.pending = this.calls.size;
    next.send(this.opening);
    return true;
  }

  /** A process that dies while it serves a call may die of the call, which is no reason to keep others waiting. */
  private isEarly(): boolean {
    if (!this.begun) return true;
    const age = Date.now() - this.process.startedAt.getTime();
    return !this.proven && this.calls.size === 0 && age < STEADY_MS;
  }

  private get only(): RelayCall | undefined {
    if (this.calls.size !== 1) return undefined;
    const [call] = this.calls.values();
    return call;
  }

  private cancel(call: RelayCall, told?: NotificationFrame): void {
    if (!this.remove(call)) return;
    const id = String(call.upstreamId);
    // The specification lets nobody cancel initialize.
    if (call.method === 'initialize') return;
    this.child.send(
      told
        ? readdressReference(told, id)
        : `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`,
    );
  }

  private onResponse(frame: ResponseFrame): void {
    this.unanswered = 0;
    const call =
      typeof frame.id === 'number' ? this.calls.get(frame.id) : undefined;
    if (!call) {
      this.options.metrics.rejected('unattributed'); // late, or never asked for
      return;
    }
    this.noteHealth(call, frame);
    if (call.tokenText !== undefined && call.isTask)
      this.lateTokens.keep(call.upstreamId, call.tokenText);
    this.remove(call);
    call.outlet.answer(readdressResponse(frame, call.idText), {
      status: frame.error ? 'error' : 'ok',
      frame,
    });
  }

  private noteHealth({ method }: RelayCall, { error }: ResponseFrame): void {
    if (FIRST_METHODS.has(method)) {
      this.opening = undefined;
      this.begun ||= !error;
    } else if (!this.proven) {
      this.begun = true;
      this.proven = true;
      this.options.health.proven();
    }
  }

  private onNotification(frame: NotificationFrame): void {
    if (frame.method === 'notifications/progress') this.onProgress(frame);
    else if (frame.subscription) this.onSubscribed(frame);
    else this.listener?.onNotification(frame);
  }

  private onProgress(frame: NotificationFrame): void {
    const token = frame.reference?.value;
    const call = typeof token === 'number' ? this.calls.get(token) : undefined;
    if (call?.tokenText !== undefined) {
      call.outlet.send(readdressReference(frame, call.tokenText));
      return;
    }
    const late = this.lateTokens.get(token);
    if (late === undefined) this.options.metrics.rejected('unattributed');
    else this.listener?.onLate(readdressReference(frame, late));
  }

  private onSubscribed(frame: NotificationFrame): void {
    const id = frame.subscription?.value;
    const call = typeof id === 'number' ? this.calls.get(id) : undefined;
    if (call) call.outlet.send(readdressSubscription(frame, call.idText));
    else this.options.metrics.rejected('unattributed');
  }

  private timeOut(call: RelayCall, ms: number): void {
    this.options.metrics.rejected('timeout');
    this.unanswered++;
    if (FIRST_METHODS.has(call.method)) this.options.health.failed();
    if (call.method !== 'initialize') {
      const reason = 'The bridge gave up waiting';
      this.child.send(
        `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${call.upstreamId},"reason":"${reason}"}}`,
      );
    }
    const text = `The server did not answer within ${ms / 1000} s`;
    this.fail(call, ErrorCode.gone, text, { reason: 'timeout' }, 'timeout');
  }

  private failAll(): void {
    if (!this.ended) return;
    const { reason, text, data } = this.ended;
    for (const call of [...this.calls.values()])
      this.fail(call, ErrorCode.unavailable, text, { reason, ...data });
  }

  private fail(
    call: RelayCall,
    code: number,
    text: string,
    data: Readonly<Record<string, unknown>>,
    status: CallStatus = 'error',
  ): void {
    if (!this.remove(call)) return;
    call.outlet.answer(errorText(call.idText, code, text, data), { status });
  }

  private remove(call: RelayCall): boolean {
    if (!this.calls.delete(call.upstreamId)) return false;
    clearTimeout(call.timer);
    this.child.pending = this.calls.size;
    return true;
  }

  private noise(error: FrameError): void {
    this.options.metrics.noise();
    if (this.noisy) return; // said once per process; the counter has the rest
    this.noisy = true;
    this.options.logger.warn(
      { pid: this.child.pid, problem: error.message },
      'the server printed something on stdout that is no MCP message; it was dropped (logs belong on stderr)',
    );
  }
}
