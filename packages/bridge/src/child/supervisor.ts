import type { BridgeConfig } from '../config/schema';
import { Refusal } from '../frames/errors';
import type { Logger } from '../observability/logger';
import { Backoff } from './backoff';
import { Child, ChildState } from './child';
import type { Journal } from './journal';
import type { Eras, ServerFacts } from './probe';
import type { Credentials, ProcessHost } from './process';
import { Readiness, ReadinessKeeper } from './readiness';
import { ServerCheck } from './serverCheck';
import { Spare } from './spare';

/** How long the news of a process that was killed may take, in milliseconds. */
const LAST_ANSWER_MS = 1000;

/** By then most servers have answered `initialize`. */
const SPARE_DELAY_MS = 20;

/**
 * Owns every child process: a warm spare, the probe that readiness comes from,
 * and those that sessions have taken. Readiness is found out at the start, and
 * again after a process has died early.
 */
export class Supervisor {
  facts: ServerFacts = {};

  private readonly children = new Set<Child>();
  private readonly backoff = new Backoff();
  private readonly spare: Spare;
  private readonly check: ServerCheck;
  private readonly state: ReadinessKeeper;
  /** Places that are about to be taken. */
  private reserved = 0;
  private retry?: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly host: ProcessHost,
    readonly journal: Journal,
    logger: Logger,
  ) {
    const starting =
      config().handshake === 'full' ? 'The server is starting' : undefined;
    this.state = new ReadinessKeeper(host.problem ?? starting, logger);
    this.spare = new Spare(logger, waitMs => this.later(waitMs));
    this.check = new ServerCheck({
      config,
      launch: () => this.launch('probe'),
      cannotStart: () => this.cannotStart,
      onWorking: facts => this.initialized(facts, { probed: true }),
      onFailed: reason => this.state.notReady(reason),
    });
    host.onChange = () => this.hostChanged();
  }

  get readiness(): Readiness {
    return this.state.now;
  }

  get size(): number {
    return this.children.size;
  }

  /** Leaders of the process groups that are seen in `/proc`. */
  localPids(): number[] {
    if (!this.host.isLocal) return [];
    return this.list().flatMap(({ pid }) => (pid === null ? [] : [pid]));
  }

  /** Whether a process for a new session can be had without another one ending. */
  hasPlaceFor(credentials?: Credentials): boolean {
    const fits =
      this.children.size + this.reserved < this.config().limits.maxChildren;
    return fits || (!credentials && this.spare.isThere);
  }

  /** Lets something end whose place is wanted, so that no waiting process takes the place. */
  async vacate<T>(end: () => Promise<T>): Promise<T> {
    this.reserved++;
    try {
      return await end();
    } finally {
      this.reserved--;
    }
  }

  /** Ends the waiting process, for a session that cannot use it. @returns whether there was one */
  async giveSpareUp(): Promise<boolean> {
    const child = this.spare.giveUp();
    if (!child) return false;
    await this.vacate(() => child.stop());
    return true;
  }

  list(): {
    pid: number | null;
    state: ChildState;
    startedAt: string;
    pending: number;
  }[] {
    return [...this.children].map(child => ({
      pid: child.pid,
      state: child.state,
      startedAt: child.startedAt.toISOString(),
      pending: child.pending,
    }));
  }

  /**
   * Which revisions the server speaks. Waits for the first probe; a server
   * whose readiness asks for none is probed for those who `insist` to know.
   */
  async eras({ insist = false } = {}): Promise<Eras> {
    const { era, handshake } = this.config();
    if (era !== 'auto')
      return { legacy: era === 'legacy', modern: era === 'modern' };
    const isProbed = handshake === 'full' || insist;
    // Who cannot be served now is told so instead.
    if (!this.check.isDone && isProbed && !this.cannotStart) {
      void this.runCheck(); // unless it is under way
      await this.check.ended();
    }
    return this.check.eras;
  }

  /** The command has changed: what was found out about the server is no longer true. */
  relearn(): void {
    this.check.forget();
    void this.runCheck();
  }

  start(): void {
    if (this.config().handshake === 'full') void this.runCheck();
    else this.keepSpare();
  }

  /**
   * A process for a new session: the warm spare or a new one.
   * @param credentials variables for this session alone; it gets a process that was started with them
   * @throws Refusal 503 when there are too many, or the server keeps dying
   */
  take(credentials?: Credentials): Child {
    const waiting = credentials ? undefined : this.spare.take();
    const child = waiting ?? this.launchFor(credentials);
    child.state = 'session';
    // Later, so that neither the session's first message nor its answer is behind a fork. A good start of this one alone
    // does not end the wait after failures: it is no more than that yet.
    if (this.backoff.remaining === 0)
      setTimeout(() => this.keepSpare(), SPARE_DELAY_MS).unref();
    return child;
  }

  /**
   * Another process in place of one that had waited and died before it was of
   * any use: not every server bears to wait, which is no fault of the client.
   */
  replace(child: Child): Child | undefined {
    if (!this.spare.hadWaited(child)) return undefined;
    this.later(this.spare.failed());
    try {
      return this.take();
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  /** A child has answered `initialize`: the server works. */
  initialized(facts: ServerFacts, { probed = false } = {}): void {
    this.backoff.eased();
    // The probe asks for the newest revision, a session for whatever its client speaks.
    if (this.config().handshake === 'bridge-only' || probed) this.facts = facts;
    this.state.ready();
  }

  /** A child has answered a client's request, or lived for a while: it is more than a good start. */
  proven(): void {
    this.backoff.succeeded();
  }

  /** A child has died, or kept silent, before it was of any use. */
  diedEarly(): void {
    this.later(this.backoff.failed());
  }

  /** Stops every process; resolves when none is left. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.check.giveUp();
    this.spare.giveUp();
    const stopped = Promise.all([...this.children].map(child => child.stop()));
    // An agent may be past answering; what it has started ends with the connection.
    const longest = 3 * this.config().stopGrace + LAST_ANSWER_MS;
    await Promise.race([
      stopped,
      new Promise(resolve => setTimeout(resolve, longest).unref()),
    ]);
    await this.host.close();
    await stopped;
  }

  /** SIGKILL to every group, for the last moment of the process. */
  killAll(): void {
    for (const child of this.children) child.kill();
    this.host.kill();
  }

  private get cannotStart(): boolean {
    return this.closed || this.host.problem !== undefined;
  }

  private later(ms: number): void {
    if (this.closed) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), ms + 10); // a timer may fire a little before the clock says so
  }

  /** The place where processes run has gone, or is there (again). */
  private hostChanged(): void {
    if (this.closed) return;
    if (this.host.problem !== undefined) {
      this.state.notReady(this.host.problem);
      return;
    }
    // What failed before did so somewhere else.
    this.backoff.succeeded();
    this.spare.forgive();
    if (this.config().handshake === 'bridge-only') this.state.ready();
    this.start();
  }

  private async runCheck(): Promise<void> {
    if (this.check.isRunning || this.cannotStart) return;
    if (this.children.size >= this.config().limits.maxChildren) {
      this.later(5000); // sessions come first
      return;
    }
    const works = await this.check.run();
    if (this.closed) return;
    // Where readiness asks for no handshake, only the sessions' own starts count.
    if (works || this.config().handshake !== 'full') this.keepSpare();
    else this.later(this.backoff.failed());
  }

  private keepSpare(): void {
    if (this.cannotStart || this.check.isRunning) return;
    if (!this.spare.mayStart || this.backoff.remaining > 0) return;
    if (this.hasPlaceFor()) this.spare.keep(this.launch('spare'));
  }

  /** @throws Refusal 503 */
  private launchFor(credentials?: Credentials): Child {
    if (this.host.problem !== undefined)
      throw new Refusal(503, 'unreachable', this.host.problem, {
        retryAfterSeconds: 1,
      });
    const { maxChildren } = this.config().limits;
    if (this.children.size >= maxChildren) {
      throw new Refusal(
        503,
        'children',
        `All ${maxChildren} processes of this server are in use; try again later`,
        { retryAfterSeconds: 5 },
      );
    }
    // Whether one user's credentials are good says nothing about the server.
    if (!credentials && this.backoff.remaining > 0) {
      const seconds = Math.ceil(this.backoff.remaining / 1000);
      throw new Refusal(
        503,
        'backoff',
        `${this.journal.lastFailure}; the next start is in ${seconds} s`,
        { retryAfterSeconds: seconds },
      );
    }
    return this.launch('session', credentials);
  }

  private launch(state: ChildState, credentials?: Credentials): Child {
    const child = new Child({
      host: this.host,
      command: this.config().command,
      credentials,
      maxLine: () => this.config().limits.maxLine,
      stopGrace: () => this.config().stopGrace,
      onStderr: (line, pid) => this.journal.noteStderr(line, pid),
    });
    child.state = state;
    this.children.add(child);
    child.onEnd = exit => {
      this.children.delete(child);
      this.journal.noteExit(exit);
      // A place became free.
      if (!this.closed) setImmediate(() => this.keepSpare());
    };
    return child;
  }
}
