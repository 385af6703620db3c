import type { ServerFacts } from '../child/probe';
import type { Credentials } from '../child/process';
import type { Supervisor } from '../child/supervisor';
import type { BridgeConfig } from '../config/schema';
import { Refusal } from '../frames/errors';
import type { Logger } from '../observability/logger';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionPlan } from '../pool/pools';
import { Session } from './session';
import type { Principal } from './types';

/** How often idle sessions are looked for, at most. */
const SWEEP_MS = 5000;

export interface SessionRegistryOptions {
  readonly config: () => BridgeConfig;
  readonly supervisor: Supervisor;
  /** How a session of a principal is to be served. */
  readonly plan: (
    principal: Principal,
    credentials?: Credentials,
  ) => Promise<SessionPlan>;
  /** Ends a process that serves nobody, to make room. @returns whether there was one */
  readonly giveWay: (credentials?: Credentials) => Promise<boolean>;
  readonly metrics: BridgeMetrics;
  readonly logger: Logger;
  readonly newId: (principal: Principal) => string;
  readonly onInitialized: (facts: ServerFacts) => void;
  /** Whoever has not been used since `oldest` (Unix milliseconds) is idle. */
  readonly onSweep: (oldest: number) => void;
}

/** All sessions of this bridge. */
export class SessionRegistry {
  private readonly sessions = new Map<string, Session>();
  private sweeper?: NodeJS.Timeout;
  /** New sessions for which another one is being ended. */
  private awaitingRoom = 0;
  draining = false;

  constructor(private readonly options: SessionRegistryOptions) {
    this.scheduleSweep();
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Unanswered requests of all sessions. */
  get pendingCount(): number {
    let sum = 0;
    for (const session of this.sessions.values()) sum += session.pendingCount;
    return sum;
  }

  /**
   * Opens a session. When all places are taken, what nobody seems to need is
   * ended for it first.
   * @throws Refusal 503 when draining, full, or the server does not start
   */
  async open(
    principal: Principal,
    endpoint: string,
    credentials?: Credentials,
  ): Promise<Session> {
    const plan = await this.options.plan(principal, credentials);
    // Nothing is awaited from here on while there are places, so that none is given twice.
    const wantsProcess =
      plan.takesProcess && !this.options.supervisor.hasPlaceFor(credentials);
    if (!this.draining && (wantsProcess || this.allSessionsTaken))
      await this.makeRoom(wantsProcess, credentials);
    return this.openNow(principal, endpoint, plan);
  }

  /**
   * Ends the session that nobody seems to need: the one that was quiet for
   * longest, if it has no call, no open stream or socket and was quiet for
   * `reclaimAfter`. Many clients leave without a word.
   * @param wantsProcess it has to be one with a process of its own
   * @returns whether there was one
   */
  async reclaim(wantsProcess: boolean): Promise<boolean> {
    const { config, metrics, supervisor } = this.options;
    const before = Date.now() - config().limits.reclaimAfter;
    let found: Session | undefined;
    for (const session of this.sessions.values()) {
      if (wantsProcess && !session.ownsProcess) continue;
      if (!session.isQuietSince(before)) continue;
      if (!found || session.lastActive < found.lastActive) found = session;
    }
    if (!found) return false;
    const quietest = found;
    metrics.reclaimed();
    this.awaitingRoom++;
    try {
      await supervisor.vacate(() =>
        quietest.end('A new session needed the place of this one', 'idle'),
      );
    } finally {
      this.awaitingRoom--;
    }
    return true;
  }

  /** A session of this principal; that of another is as unknown as none. */
  find(id: string, principal: Principal): Session | undefined {
    const session = this.sessions.get(id);
    return session?.principal === principal ? session : undefined;
  }

  /** Has everybody who listens proven anew, after keys or revocations have changed. */
  renewStreams(): void {
    for (const session of this.sessions.values()) session.renewFree();
  }

  async closeAll(reason: string): Promise<void> {
    clearTimeout(this.sweeper);
    await Promise.all(
      [...this.sessions.values()].map(session =>
        session.end(reason, 'draining'),
      ),
    );
  }

  private get allSessionsTaken(): boolean {
    const taken = this.sessions.size + this.awaitingRoom;
    return taken >= this.options.config().limits.maxSessions;
  }

  private async makeRoom(
    wantsProcess: boolean,
    credentials?: Credentials,
  ): Promise<void> {
    const { giveWay } = this.options;
    if (!this.allSessionsTaken && (await giveWay(credentials))) return;
    await this.reclaim(wantsProcess);
  }

  private openNow(
    principal: Principal,
    endpoint: string,
    plan: SessionPlan,
  ): Session {
    if (this.draining) {
      throw new Refusal(
        503,
        'draining',
        'This replica is shutting down; try again',
        { retryAfterSeconds: 1 },
      );
    }
    const { maxSessions } = this.options.config().limits;
    if (this.sessions.size >= maxSessions) {
      throw new Refusal(
        503,
        'sessions',
        `All ${maxSessions} sessions of this server are in use; try again later`,
        {
          retryAfterSeconds: 5,
        },
      );
    }
    const session = new Session({
      id: this.options.newId(principal),
      principal,
      endpoint,
      plan,
      limits: () => this.options.config().limits,
      metrics: this.options.metrics,
      onInitialized: facts => this.options.onInitialized(facts),
      onEnd: ended => {
        this.sessions.delete(ended.id);
      },
    });
    this.sessions.set(session.id, session);
    return session;
  }

  private scheduleSweep(): void {
    const { sessionIdle } = this.options.config().limits;
    this.sweeper = setTimeout(() => {
      this.sweep();
      this.scheduleSweep();
    }, Math.min(SWEEP_MS, Math.max(50, sessionIdle / 4)));
    this.sweeper.unref();
  }

  /** An open GET stream keeps no session alive: its peer may be long gone. */
  private sweep(): void {
    const oldest = Date.now() - this.options.config().limits.sessionIdle;
    this.options.onSweep(oldest);
    for (const session of this.sessions.values()) {
      if (session.pendingCount === 0 && session.lastActive < oldest) {
        this.options.logger.debug(
          { lastActive: new Date(session.lastActive).toISOString() },
          'idle session ended',
        );
        void session.end('The session was idle for too long', 'idle');
      }
    }
  }
}
