import type { Credentials } from '../child/process';
import type { Supervisor } from '../child/supervisor';
import type { BridgeConfig } from '../config/schema';
import { NativeServer } from '../modern/nativeServer';
import type { ModernServer } from '../modern/server';
import type { Logger } from '../observability/logger';
import type { BridgeMetrics } from '../observability/metrics';
import type { RequestStates } from '../peers/requestState';
import { Health, Relay } from '../session/relay';
import type {
  Backend,
  BackendListener,
  Principal,
  SessionEnd,
} from '../session/types';
import { ModernBackend } from '../translate/modernBackend';
import { ParkedCalls } from '../translate/parkedCalls';
import { TranslatedServer } from '../translate/translatedServer';
import { HeldPool } from './heldPool';
import { SharedBackend } from './sharedBackend';

export interface PoolsOptions {
  readonly config: () => BridgeConfig;
  readonly supervisor: Supervisor;
  readonly metrics: BridgeMetrics;
  readonly logger: Logger;
  readonly states: RequestStates;
  /** Ends a session with a process that nobody seems to need. @returns whether there was one */
  readonly reclaim: () => Promise<boolean>;
}

/** How a session is to be served. */
export interface SessionPlan {
  /** Whether it gets a process of its own. */
  readonly takesProcess: boolean;
  /** @throws Refusal 503 */
  readonly connect: (listener: BackendListener) => Backend;
}

/** Whose processes those are that everybody shares. */
const EVERYBODY = '';

/** Decides which processes serve whom, by what the server speaks and how far its clients are kept apart. */
export class Pools {
  readonly parked: ParkedCalls;
  /** Processes of 2026-07-28, which it wants shared; those with credentials by principal. */
  private readonly native = new Map<Principal, NativeServer>();
  /** Processes of the revisions with sessions, by principal. */
  private readonly held = new Map<Principal, TranslatedServer>();

  constructor(private readonly options: PoolsOptions) {
    const { config, states } = options;
    this.parked = new ParkedCalls(states, () => config().limits.inputTimeout);
  }

  /**
   * What serves requests of 2026-07-28 of a principal. With credentials nobody
   * else has the same principal, so what was started with them stays theirs.
   */
  async modern(
    principal: Principal,
    credentials?: Credentials,
  ): Promise<ModernServer> {
    const { supervisor } = this.options;
    const { modern } = await supervisor.eras({ insist: true });
    if (modern)
      return this.nativeFor(credentials ? principal : EVERYBODY, credentials);
    const isShared = this.isShared(credentials);
    return this.heldFor(isShared ? EVERYBODY : principal, credentials);
  }

  /** How a session of a principal is to be served. */
  async session(
    principal: Principal,
    credentials?: Credentials,
  ): Promise<SessionPlan> {
    const { legacy } = await this.options.supervisor.eras();
    const takesProcess = !this.isShared(credentials);
    return {
      takesProcess,
      connect: listener => {
        if (legacy)
          return takesProcess
            ? this.ownProcess(listener, credentials)
            : new SharedBackend(listener, this.heldFor(EVERYBODY).pool);
        if (!takesProcess)
          return this.translated(
            listener,
            principal,
            this.nativeFor(EVERYBODY),
          );
        const relay = this.relay(credentials);
        const server = this.ownNative(listener, relay);
        return this.translated(listener, principal, server, relay);
      },
    };
  }

  /** Ends a process that serves nobody, for one that is to be started. @returns whether there was one */
  async giveWay(credentials?: Credentials): Promise<boolean> {
    const { supervisor } = this.options;
    if (credentials && (await supervisor.giveSpareUp())) return true;
    for (const { pool } of this.held.values())
      if (await supervisor.vacate(() => pool.giveOne())) return true;
    return false;
  }

  /** Ends processes that nobody has used since then. */
  sweep(oldest: number): void {
    for (const { pool } of this.held.values()) pool.sweep(oldest);
    for (const [principal, native] of this.native) {
      if (!native.isIdle || native.lastUsed >= oldest) continue;
      this.native.delete(principal);
      void native.stop({ reason: 'idle', text: 'It was idle' });
    }
    for (const [principal, { pool }] of this.held)
      if (pool.size === 0) this.held.delete(principal);
  }

  async close(why: SessionEnd): Promise<void> {
    this.parked.close();
    const pools = [...this.held.values()].map(({ pool }) => pool.close(why));
    const natives = [...this.native.values()].map(one => one.stop(why));
    await Promise.all([...pools, ...natives]);
  }

  private isShared(credentials?: Credentials): boolean {
    return this.options.config().isolation === 'shared' && !credentials;
  }

  private ownProcess(
    listener: BackendListener,
    credentials?: Credentials,
  ): Relay {
    const relay = this.relay(credentials);
    relay.listener = listener;
    return relay;
  }

  private ownNative(listener: BackendListener, relay: Relay): NativeServer {
    return new NativeServer({
      start: async () => relay,
      metrics: this.options.metrics,
      onUnattributed: frame => listener.onNotification(frame),
      onEnd: why => listener.onEnd(why),
    });
  }

  private translated(
    listener: BackendListener,
    principal: Principal,
    server: ModernServer,
    own?: Relay,
  ): ModernBackend {
    const inputTimeout = () => this.options.config().limits.inputTimeout;
    return new ModernBackend(listener, {
      server,
      principal,
      inputTimeout,
      own,
    });
  }

  private nativeFor(
    principal: Principal,
    credentials?: Credentials,
  ): NativeServer {
    const { metrics } = this.options;
    let server = this.native.get(principal);
    if (!server) {
      server = new NativeServer({
        start: () => this.start(credentials),
        metrics,
        onUnattributed: () => metrics.rejected('unattributed'),
      });
      this.native.set(principal, server);
    }
    server.lastUsed = Date.now();
    return server;
  }

  private heldFor(
    principal: Principal,
    credentials?: Credentials,
  ): TranslatedServer {
    const { config, metrics } = this.options;
    let server = this.held.get(principal);
    if (!server) {
      const pool = new HeldPool({
        start: () => this.start(credentials),
        size: () => config().limits.poolSize,
        patience: () => config().limits.callTimeout,
        metrics,
      });
      server = new TranslatedServer(pool, this.parked);
      this.held.set(principal, server);
    }
    return server;
  }

  private relay(credentials?: Credentials): Relay {
    const { config, supervisor, metrics, logger } = this.options;
    return new Relay(supervisor.take(credentials), {
      limits: () => config().limits,
      startTimeout: () => config().handshakeTimeout,
      health: this.healthOf(credentials),
      metrics,
      logger,
    });
  }

  /** Whether one user's credentials are good says nothing about the server. */
  private healthOf(credentials?: Credentials): Health {
    const { supervisor } = this.options;
    return {
      replace: dead => supervisor.replace(dead),
      proven: () => supervisor.proven(),
      failed: () => {
        if (!credentials) supervisor.diedEarly();
      },
    };
  }

  /** Another process for a pool, for which what nobody seems to need gives way. */
  private async start(credentials?: Credentials): Promise<Relay> {
    const { supervisor, reclaim } = this.options;
    if (!supervisor.hasPlaceFor(credentials)) {
      if (!(await this.giveWay(credentials))) await reclaim();
    }
    return this.relay(credentials);
  }
}
