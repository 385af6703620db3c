import type { Logger } from '../observability/logger';

/** Whether new sessions can be served, as last found out. */
export interface Readiness {
  readonly ok: boolean;
  /** In words for people, when not ok. */
  readonly reason?: string;
  /** ISO time. */
  readonly checkedAt: string;
}

function found(reason?: string): Readiness {
  return {
    ok: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    checkedAt: new Date().toISOString(),
  };
}

/** Keeps what was found out last, and logs when that changes. */
export class ReadinessKeeper {
  private state: Readiness;

  /** @param reason why the server is not ready at the start, if it is not */
  constructor(reason: string | undefined, private readonly logger: Logger) {
    this.state = found(reason);
  }

  get now(): Readiness {
    return this.state;
  }

  ready(): void {
    if (!this.state.ok) this.logger.info('server is ready');
    this.state = found();
  }

  notReady(reason: string): void {
    if (this.state.ok) this.logger.warn({ reason }, 'server is not ready');
    this.state = found(reason);
  }
}
