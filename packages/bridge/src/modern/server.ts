import type { IncomingHttpHeaders } from 'node:http';
import type { Envelope } from '../frames/meta';
import type { NotificationFrame, RequestFrame } from '../frames/frame';
import type { CallOutlet, Principal, Sent } from '../session/types';

/** One request of 2026-07-28; it brings along all that is known of its client. */
export interface ModernRequest {
  readonly frame: RequestFrame;
  readonly envelope: Envelope;
  readonly principal: Principal;
  /** Those of HTTP, if it came that way: arguments of tools may be repeated there. */
  readonly headers?: IncomingHttpHeaders;
  /** How the server shall read it, under an id of the bridge's; as it came when this is left out. */
  readonly write?: (id: string) => string;
}

/** What serves requests of 2026-07-28, whatever the processes behind it speak. */
export interface ModernServer {
  /**
   * Sends a request. Its answer, or an error, always reaches the outlet, unless it is cancelled.
   * @throws Refusal before anything was sent: 503 when no process is to be had, 400 when headers and arguments disagree
   */
  request(request: ModernRequest, outlet: CallOutlet): Promise<Sent>;
  notify(frame: NotificationFrame): void;
  /** Bytes that the server has not taken yet. */
  readonly backlog: number;
  onceDrained(then: () => void): void;
}

export const LISTEN = 'subscriptions/listen';
