import { CLIENT } from '../child/client';
import { ErrorCode, Refusal } from '../frames/errors';
import { errorFrame, NotificationFrame, RequestFrame } from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import { NEWEST_LEGACY } from '../frames/meta';
import type { BridgeMetrics } from '../observability/metrics';
import { ask } from '../session/ask';
import type { Relay, RelayCall } from '../session/relay';
import type {
  BackendListener,
  CallOutlet,
  Outcome,
  SessionEnd,
} from '../session/types';

/** All that a client can be asked; what one cannot, the bridge refuses in its place. */
const UNION = {
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
  roots: {},
};

/** Who has a call at a held server: its answer and all that is known to belong to it go there. */
export interface HeldCall extends CallOutlet {
  /** A request of the server that belongs to the call. */
  onRequest(frame: RequestFrame): void;
  /** A log message that belongs to the call. */
  onLog(frame: NotificationFrame): void;
}

export interface HeldServerOptions {
  readonly metrics: BridgeMetrics;
  /** Something that its clients may have subscribed to. */
  readonly onChange: (frame: NotificationFrame) => void;
  readonly onEnd: (server: HeldServer) => void;
}

/**
 * A process of a server with sessions that the bridge itself has initialized,
 * and that several clients use. One that `asks` was told that its client can
 * be asked everything, and serves one call at a time, so that each question
 * has its call; the others were told that nothing can be asked.
 */
export class HeldServer implements BackendListener {
  /** The answer to `initialize`. Rejects with a Refusal. */
  readonly ready: Promise<JsonObject>;
  lastUsed = Date.now();
  ended = false;
  private readonly calls = new Map<HeldCall, RelayCall>();
  private logLevel?: string;

  constructor(
    readonly relay: Relay,
    readonly asks: boolean,
    private readonly options: HeldServerOptions,
  ) {
    relay.listener = this;
    this.ready = this.initialize();
    this.ready.catch(() => {}); // whoever waits for it hears of it
  }

  get isIdle(): boolean {
    return this.calls.size === 0;
  }

  request(
    frame: RequestFrame,
    call: HeldCall,
    write?: (id: string) => string,
  ): RelayCall {
    this.lastUsed = Date.now();
    const outlet: CallOutlet = {
      send: raw => call.send(raw),
      answer: (raw: string, outcome: Outcome) => {
        this.calls.delete(call);
        call.answer(raw, outcome);
      },
    };
    const sent = this.relay.request(frame, outlet, write);
    this.calls.set(call, sent);
    return sent;
  }

  /** Gives a call up. */
  cancel(call: HeldCall, told?: NotificationFrame): void {
    this.calls.get(call)?.cancel(told);
    this.calls.delete(call);
  }

  /** Has the server send log messages of this level and above. */
  async setLogLevel(level: string): Promise<void> {
    const result = await this.ready;
    if (this.logLevel === level) return;
    if (!ownObject(ownObject(result, 'capabilities'), 'logging')) return;
    this.logLevel = level;
    void ask(this.relay, 'logging/setLevel', { level });
  }

  async stop(why: SessionEnd): Promise<void> {
    await this.relay.stop(why);
  }

  /** Ends it, so that its pool takes another. */
  async replace(): Promise<void> {
    this.onEnd();
    const text = 'The process answered nothing any more';
    await this.relay.stop({ reason: 'child_exited', text });
  }

  onRequest(frame: RequestFrame): void {
    const call = this.only;
    if (frame.method === 'ping') {
      this.relay.child.send(
        `{"jsonrpc":"2.0","id":${frame.idText},"result":{}}`,
      );
    } else if (this.asks && call) call.onRequest(frame);
    else {
      this.options.metrics.rejected('unattributed');
      const text = 'It is not known which client this is for';
      this.relay.respond(
        errorFrame(frame.idText, ErrorCode.methodNotFound, text),
      );
    }
  }

  onNotification(frame: NotificationFrame): void {
    if (frame.method === 'notifications/message') {
      const call = this.only;
      if (call) call.onLog(frame);
      else this.options.metrics.rejected('unattributed');
    } else this.options.onChange(frame);
  }

  onLate(): void {
    this.options.metrics.rejected('unattributed');
  }

  onEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.options.onEnd(this);
  }

  private get only(): HeldCall | undefined {
    if (this.calls.size !== 1) return undefined;
    const [call] = this.calls.keys();
    return call;
  }

  private async initialize(): Promise<JsonObject> {
    const { result, error } = await ask(this.relay, 'initialize', {
      protocolVersion: NEWEST_LEGACY,
      capabilities: this.asks ? UNION : {},
      clientInfo: CLIENT,
    });
    if (!isObject(result)) {
      const why = String((error && own(error, 'message')) ?? 'no result');
      throw new Refusal(
        503,
        'children',
        `The server could not be initialized: ${why}`,
        { retryAfterSeconds: 5 },
      );
    }
    this.relay.child.send(
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    );
    return result;
  }
}
