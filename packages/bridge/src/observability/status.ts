import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Supervisor } from '../child/supervisor';
import type { BridgeConfig } from '../config/schema';
import type { SessionRegistry } from '../session/registry';

declare const BRIDGE_VERSION: string | undefined;

/** The version that was built in; `0.0.0-dev` when run from the sources. */
export const version =
  typeof BRIDGE_VERSION === 'string' ? BRIDGE_VERSION : '0.0.0-dev';

/** A loop that was blocked for longer than this, in milliseconds, is not healthy. */
const BLOCKED_MS = 5000;

/** Answers what the admin port is asked. */
export class StatusReporter {
  configHash = '';
  /** Why the last change of the configuration was not applied. */
  configError?: string;
  /** Why sessions are served on this replica only, though it shall have peers. */
  peersError?: string;
  private readonly startedAt = new Date();
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly supervisor: Supervisor,
    private readonly sessions: SessionRegistry,
  ) {
    this.delay.enable();
  }

  /** The shape is a contract with the portal. */
  status() {
    const { command, upstream } = this.config();
    return {
      version,
      configHash: this.configHash,
      ...(this.configError === undefined
        ? {}
        : { configError: this.configError }),
      ...(this.peersError === undefined ? {} : { peersError: this.peersError }),
      startedAt: this.startedAt.toISOString(),
      uptimeSeconds: Math.round((Date.now() - this.startedAt.getTime()) / 1000),
      draining: this.sessions.draining,
      ready: this.ready(),
      server: {
        command,
        ...(upstream === undefined ? {} : { upstream }),
        ...this.supervisor.facts,
      },
      sessions: this.sessions.size,
      children: this.supervisor.list(),
      lastExits: this.supervisor.journal.lastExits.map(
        ({ at, pid, code, signal, stderr }) => ({
          at,
          pid,
          code,
          signal,
          stderr,
        }),
      ),
      stderr: this.supervisor.journal.stderr,
    };
  }

  /** Whether new sessions are to be sent here. A full replica still is ready. */
  ready() {
    const ready = this.supervisor.readiness;
    return this.sessions.draining
      ? { ...ready, ok: false, reason: 'This replica is shutting down' }
      : ready;
  }

  /** Whether the process works: it answers, and its loop was not blocked since the last question. */
  health() {
    const loopDelayMs = Math.round(this.delay.max / 1e6);
    this.delay.reset();
    const children: Record<string, number> = {};
    for (const { state } of this.supervisor.list())
      children[state] = (children[state] ?? 0) + 1;
    return {
      ok: loopDelayMs < BLOCKED_MS,
      version,
      loopDelayMs,
      sessions: this.sessions.size,
      children,
    };
  }

  close(): void {
    this.delay.disable();
  }
}
