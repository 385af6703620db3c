import { bridgeEnvelope } from '../child/client';
import { ErrorCode } from '../frames/errors';
import { errorFrame, NotificationFrame, RequestFrame } from '../frames/frame';
import { isObject, JsonObject } from '../frames/json';
import type { BridgeMetrics } from '../observability/metrics';
import { ask, requestFrame } from '../session/ask';
import type { Relay } from '../session/relay';
import type {
  BackendListener,
  CallOutlet,
  Sent,
  SessionEnd,
} from '../session/types';
import { LISTEN, ModernRequest, ModernServer } from './server';
import { ToolHeaders } from './toolHeaders';

export interface NativeServerOptions {
  /** Starts a process. @throws Refusal 503 */
  readonly start: () => Promise<Relay>;
  readonly metrics: BridgeMetrics;
  /** A log message that cannot be told to belong to one call. */
  readonly onUnattributed: (frame: NotificationFrame) => void;
  /** The process has ended. The next request starts another. */
  readonly onEnd?: (why: SessionEnd) => void;
}

/**
 * A process that speaks 2026-07-28 itself, which its clients share, as that
 * revision wants it. It is started by the first request, and again by the next
 * one when it has ended.
 */
export class NativeServer implements ModernServer, BackendListener {
  lastUsed = Date.now();
  private readonly toolHeaders = new ToolHeaders();
  private relay?: Promise<Relay>;
  private current?: Relay;
  /** Calls that asked for log messages; nobody else may get one. */
  private readonly logging = new Set<CallOutlet>();
  /** Somebody of ours listens for changed tools. */
  private watchesTools = false;

  constructor(private readonly options: NativeServerOptions) {}

  get isIdle(): boolean {
    const own = this.watchesTools ? 1 : 0;
    return (this.current?.pendingCount ?? 0) <= own;
  }

  get backlog(): number {
    return this.current?.backlog ?? 0;
  }

  onceDrained(then: () => void): void {
    if (this.current) this.current.onceDrained(then);
    else then();
  }

  async request(request: ModernRequest, outlet: CallOutlet): Promise<Sent> {
    const { frame, envelope, write } = request;
    const relay = await this.running();
    await this.toolHeaders.check(request, cursor =>
      this.listTools(relay, cursor),
    );
    if (envelope.logLevel === undefined)
      return relay.request(frame, outlet, write);
    const logged: CallOutlet = {
      send: raw => outlet.send(raw),
      answer: (raw, outcome) => {
        this.logging.delete(logged);
        outlet.answer(raw, outcome);
      },
    };
    this.logging.add(logged);
    const sent = relay.request(frame, logged, write);
    return {
      cancel: told => {
        this.logging.delete(logged);
        sent.cancel(told);
      },
    };
  }

  /** Ids in a notification would be those of one client among many, so a cancellation is none. */
  notify(frame: NotificationFrame): void {
    if (frame.method !== 'notifications/cancelled') this.current?.notify(frame);
  }

  /** Ends the process; what waits for it gets this error. */
  async stop(why: SessionEnd): Promise<void> {
    const relay = await this.relay?.catch(() => undefined);
    await relay?.stop(why);
  }

  /** In this revision servers ask by their results only. */
  onRequest(frame: RequestFrame): void {
    this.options.metrics.rejected('unattributed');
    this.current?.respond(
      errorFrame(
        frame.idText,
        ErrorCode.methodNotFound,
        'Servers send no requests in revision 2026-07-28',
      ),
    );
  }

  onNotification(frame: NotificationFrame): void {
    const [only, ...others] = this.logging;
    if (frame.method === 'notifications/message' && only && others.length === 0)
      only.send(frame.raw);
    else this.options.onUnattributed(frame);
  }

  onLate(): void {
    this.options.metrics.rejected('unattributed');
  }

  onEnd(why: SessionEnd): void {
    this.relay = undefined;
    this.current = undefined;
    this.watchesTools = false;
    this.toolHeaders.forget();
    this.options.onEnd?.(why);
  }

  private running(): Promise<Relay> {
    this.lastUsed = Date.now();
    if (this.current?.isStuck) this.replace(this.current);
    this.relay ??= this.options.start().then(
      relay => {
        relay.listener = this;
        this.current = relay;
        return relay;
      },
      error => {
        this.relay = undefined;
        throw error;
      },
    );
    return this.relay;
  }

  private replace(relay: Relay): void {
    const text = 'The process answered nothing any more';
    const why: SessionEnd = { reason: 'child_exited', text };
    relay.listener = undefined;
    this.onEnd(why);
    void relay.stop(why);
  }

  private async listTools(
    relay: Relay,
    cursor: unknown,
  ): Promise<JsonObject | undefined> {
    this.watchTools(relay);
    const _meta = bridgeEnvelope();
    const { result } = await ask(relay, 'tools/list', {
      ...(cursor === undefined ? {} : { cursor }),
      _meta,
    });
    return isObject(result) ? result : undefined;
  }

  private watchTools(relay: Relay): void {
    if (this.watchesTools) return;
    this.watchesTools = true;
    const notifications = { toolsListChanged: true };
    const params = { notifications, _meta: bridgeEnvelope() };
    relay.request(requestFrame(LISTEN, params), {
      send: () => this.toolHeaders.forget(),
      answer: () => {
        this.watchesTools = false;
      },
    });
  }
}
