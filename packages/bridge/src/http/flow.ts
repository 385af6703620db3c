import type { Limits } from '../config/schema';
import type { BridgeMetrics } from '../observability/metrics';
import type { Session } from '../session/session';

/** Above this the server behind is not read any more until the reader has caught up. */
const HIGH_WATER = 256 * 1024;
/** A reader that takes nothing for this long is cut. */
const STALL_MS = 30_000;

export interface FlowOptions {
  /** Bytes that may wait for the reader. */
  readonly maxQueue: () => number;
  readonly hold: () => void;
  readonly release: () => void;
  readonly onSlow: () => void;
}

/** Keeps what waits for one reader within bounds: holds the source, and cuts a reader that does not catch up. */
export class Flow {
  private holding = false;
  private stall?: NodeJS.Timeout;

  constructor(
    private readonly options: FlowOptions,
    private readonly cut: () => void,
  ) {}

  get isHolding(): boolean {
    return this.holding;
  }

  /** Something was written; so much waits for the reader now. */
  wrote(queued: number): void {
    if (queued > this.options.maxQueue()) this.tooSlow();
    else if (queued > HIGH_WATER && !this.holding) {
      this.holding = true;
      this.options.hold();
      this.stall = setTimeout(() => this.tooSlow(), STALL_MS);
    }
  }

  /** Nothing waits any more, or nobody reads any more. */
  caughtUp(): void {
    clearTimeout(this.stall);
    if (!this.holding) return;
    this.holding = false;
    this.options.release();
  }

  private tooSlow(): void {
    this.options.onSlow();
    this.cut();
  }
}

/** The flow from the server of a session to one of its readers. */
export function flowOf(
  session: Session,
  limits: () => Limits,
  metrics: BridgeMetrics,
): FlowOptions {
  return {
    maxQueue: () => limits().maxQueue,
    hold: () => session.hold(),
    release: () => session.release(),
    onSlow: () => metrics.rejected('slow_reader'),
  };
}
