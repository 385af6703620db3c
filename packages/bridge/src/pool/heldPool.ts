import { Refusal } from '../frames/errors';
import type { NotificationFrame } from '../frames/frame';
import { own } from '../frames/json';
import type { BridgeMetrics } from '../observability/metrics';
import { ask } from '../session/ask';
import type { Relay } from '../session/relay';
import type { SessionEnd } from '../session/types';
import { HeldServer } from './heldServer';

export interface HeldPoolOptions {
  /** Starts a process. @throws Refusal 503 */
  readonly start: () => Promise<Relay>;
  /** How many processes may serve one call each at a time. */
  readonly size: () => number;
  /** How long a call may wait for one of them, in milliseconds. */
  readonly patience: () => number;
  readonly metrics: BridgeMetrics;
}

/** Who hears of what changes at a server. */
export interface ChangeListener {
  /** Hears what there is to hear; no process is kept for it. */
  readonly isPassive?: true;
  onChange(frame: NotificationFrame): void;
  /** A process is gone, and what it would have said. */
  onLost(): void;
}

interface Waiter {
  take(server: HeldServer): void;
  refuse(error: unknown): void;
}

/**
 * Initialized processes of a server with sessions, for clients that may share
 * them: one for all that cannot be asked anything, and some that serve one call
 * at a time for those that can.
 */
export class HeldPool {
  private plain?: Promise<HeldServer>;
  /** The same, once it is there. */
  private current?: HeldServer;
  private readonly asking = new Set<HeldServer>();
  private readonly free: HeldServer[] = [];
  /** Those whose call waits for its client, the longest first, with what gives that call up. */
  private readonly aside = new Map<HeldServer, () => void>();
  private readonly waiting: Waiter[] = [];
  private starting = 0;
  private readonly listeners = new Set<ChangeListener>();
  /** How many want to hear of updates, by URI. */
  private readonly subscribed = new Map<string, number>();
  private closed = false;

  constructor(private readonly options: HeldPoolOptions) {}

  get size(): number {
    return this.asking.size + this.starting + (this.plain ? 1 : 0);
  }

  /** The process that everybody may use at the same time. @throws Refusal 503 */
  shared(): Promise<HeldServer> {
    if (this.current?.relay.isStuck) void this.current.replace();
    this.plain ??= this.start(false).catch(error => {
      this.forgetPlain();
      throw error;
    });
    return this.plain;
  }

  /** Bytes that the process for everybody has not taken yet. */
  get backlog(): number {
    return this.current?.relay.backlog ?? 0;
  }

  onceDrained(then: () => void): void {
    if (this.current) this.current.relay.onceDrained(then);
    else then();
  }

  /** Passes a notification on to the process for everybody. */
  notify(frame: NotificationFrame): void {
    this.current?.relay.notify(frame);
  }

  /** A process for one call alone, until it is released. @throws Refusal 503 */
  async checkOut(): Promise<HeldServer> {
    const server = this.free.pop();
    if (server) return server;
    if (this.busy < this.options.size()) {
      try {
        return await this.start(true);
      } catch (error) {
        // Others are in use, and one of them comes back.
        if (this.asking.size === 0) throw error;
      }
    }
    return this.wait();
  }

  /**
   * The call of this process waits for its client, so others get another
   * process. As many calls may wait as may run; one more ends the oldest.
   */
  setAside(server: HeldServer, giveUp: () => void): void {
    this.aside.set(server, giveUp);
    if (this.aside.size > this.options.size()) {
      const [oldest] = this.aside.values();
      oldest();
    }
    this.replace();
  }

  /** Its call goes on. */
  takeBack(server: HeldServer): void {
    this.aside.delete(server);
  }

  /** @param spoilt its call has not come to an end, so what it says next would be nobody's */
  release(server: HeldServer, spoilt: boolean): void {
    if (server.ended) return;
    if (!spoilt && !this.closed) {
      const next = this.waiting.shift();
      if (next) next.take(server);
      else this.free.push(server);
      return;
    }
    this.drop(server);
    void server.stop({ reason: 'ended', text: 'The call was given up' });
    this.replace();
  }

  listen(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks for updates of a resource, as long as anybody wants them, of every process. @returns what stops it */
  async subscribe(uri: string): Promise<() => void> {
    await this.shared();
    const count = this.subscribed.get(uri) ?? 0;
    this.subscribed.set(uri, count + 1);
    if (count === 0) await this.tellAll('resources/subscribe', uri);
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      const left = (this.subscribed.get(uri) ?? 1) - 1;
      if (left > 0) {
        this.subscribed.set(uri, left);
        return;
      }
      this.subscribed.delete(uri);
      void this.tellAll('resources/unsubscribe', uri);
    };
  }

  /** Ends what nobody has used since then. */
  sweep(oldest: number): void {
    for (const server of [...this.free].filter(one => one.lastUsed < oldest)) {
      this.drop(server);
      void server.stop({ reason: 'idle', text: 'It was idle for too long' });
    }
    const plain = this.idlePlain;
    if (!plain || plain.lastUsed >= oldest) return;
    this.forgetPlain();
    void plain.stop({ reason: 'idle', text: 'It was idle for too long' });
  }

  /** Makes room for another pool. @returns whether a process was ended */
  async giveOne(): Promise<boolean> {
    const server = this.free.shift() ?? this.idlePlain;
    if (!server) return false;
    if (server.asks) this.drop(server);
    else this.forgetPlain();
    await server.stop({ reason: 'idle', text: 'Others needed the place' });
    return true;
  }

  async close(why: SessionEnd): Promise<void> {
    this.closed = true;
    const text = 'The server is shutting down';
    for (const waiter of this.waiting.splice(0))
      waiter.refuse(new Refusal(503, 'draining', text));
    const plain = await this.plain?.catch(() => undefined);
    const all = plain ? [plain, ...this.asking] : [...this.asking];
    await Promise.all(all.map(server => server.stop(why)));
  }

  private async start(asks: boolean): Promise<HeldServer> {
    const relay = await this.launch(asks);
    const server = new HeldServer(relay, asks, {
      metrics: this.options.metrics,
      onChange: frame => this.changed(frame),
      onEnd: ended => this.ended(ended),
    });
    if (asks) this.asking.add(server);
    else this.current = server;
    try {
      await server.ready;
      for (const uri of this.subscribed.keys())
        void ask(relay, 'resources/subscribe', { uri });
    } catch (error) {
      this.drop(server);
      void server.stop({ reason: 'ended', text: 'It did not initialize' });
      throw error;
    }
    return server;
  }

  private async launch(asks: boolean): Promise<Relay> {
    if (!asks) return this.options.start();
    this.starting++;
    try {
      return await this.options.start();
    } finally {
      this.starting--;
    }
  }

  private wait(): Promise<HeldServer> {
    return new Promise((take, refuse) => {
      const waiter: Waiter = { take, refuse };
      // Whoever was served or refused waits no more, and a promise settles once.
      setTimeout(() => {
        const at = this.waiting.indexOf(waiter);
        if (at === -1) return;
        this.waiting.splice(at, 1);
        const text = 'All processes for calls like this are in use; try again';
        refuse(new Refusal(503, 'children', text, { retryAfterSeconds: 5 }));
      }, this.options.patience()).unref();
      this.waiting.push(waiter);
    });
  }

  /** A process is gone; whoever waits gets another. */
  private replace(): void {
    if (this.waiting.length === 0 || this.closed) return;
    if (this.busy >= this.options.size()) return;
    this.start(true).then(
      server => this.release(server, false),
      error => {
        if (this.asking.size === 0) this.waiting.shift()?.refuse(error);
      },
    );
  }

  /** Processes that serve a call, or are about to. */
  private get busy(): number {
    const { asking, aside, free, starting } = this;
    return asking.size + starting - aside.size - free.length;
  }

  /** The process for everybody, if nobody uses it or listens to it. */
  private get idlePlain(): HeldServer | undefined {
    const isWanted = [...this.listeners].some(one => !one.isPassive);
    return this.current?.isIdle && !isWanted ? this.current : undefined;
  }

  private forgetPlain(): void {
    this.plain = undefined;
    this.current = undefined;
  }

  private drop(server: HeldServer): void {
    this.asking.delete(server);
    this.aside.delete(server);
    const at = this.free.indexOf(server);
    if (at !== -1) this.free.splice(at, 1);
  }

  private ended(server: HeldServer): void {
    if (server.asks) {
      this.drop(server);
      this.replace();
      return;
    }
    if (this.current === server) this.forgetPlain();
    for (const listener of [...this.listeners]) listener.onLost();
  }

  private async tellAll(method: string, uri: string): Promise<void> {
    const all = [...this.asking, ...(this.current ? [this.current] : [])];
    await Promise.all(
      all.map(async ({ ready, relay }) => {
        await ready;
        await ask(relay, method, { uri });
      }),
    );
  }

  private changed(frame: NotificationFrame): void {
    for (const listener of [...this.listeners]) listener.onChange(frame);
  }
}

/** The URI that an update is about. */
export function updatedUri({ method, params }: NotificationFrame): unknown {
  return method === 'notifications/resources/updated'
    ? params && own(params, 'uri')
    : undefined;
}
