import type { ServerResponse } from 'node:http';
import type { Limits } from '../config/schema';
import type { BridgeMetrics } from '../observability/metrics';
import type { Session } from '../session/session';
import { Flow, flowOf, FlowOptions } from './flow';

export interface ConnectionOptions extends FlowOptions {
  /**
   * How often a comment is sent, in milliseconds. Comments keep proxies from
   * cutting a quiet stream, and find out peers that are gone.
   */
  readonly keepAlive: number;
}

/** One event stream on the wire: writes at once, never queues more than allowed. */
export class EventConnection {
  closed = false;
  /** Called once, when nothing can be written any more. */
  onClose: () => void = () => {};
  private readonly flow: Flow;
  private readonly keepAlive: NodeJS.Timeout;

  constructor(
    private readonly res: ServerResponse,
    options: ConnectionOptions,
  ) {
    this.flow = new Flow(options, () => this.cut());
    this.keepAlive = setInterval(
      () => this.write(': keep-alive\n\n'),
      options.keepAlive,
    );
    this.keepAlive.unref();
    res.on('drain', () => this.flow.caughtUp());
    res.on('close', () => this.finished());
    res.on('error', () => this.finished());
  }

  write(text: string): void {
    if (this.closed) return;
    this.res.write(text);
    this.flow.wrote(this.res.writableLength);
  }

  /** Ends the stream after what is queued. */
  end(text?: string): void {
    if (this.closed) return;
    this.res.end(text);
    this.finished();
  }

  private cut(): void {
    this.res.destroy();
    this.finished();
  }

  private finished(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.keepAlive);
    this.flow.caughtUp();
    this.onClose();
  }
}

/** An event stream that holds the server of its session while the reader is behind. */
export function connectionTo(
  session: Session,
  res: ServerResponse,
  limits: () => Limits,
  metrics: BridgeMetrics,
): EventConnection {
  return new EventConnection(res, {
    ...flowOf(session, limits, metrics),
    keepAlive: limits().keepAlive,
  });
}
