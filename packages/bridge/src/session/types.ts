import type {
  NotificationFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import type { CallStatus } from '../observability/metrics';

/** How a call ended; with what the server answered, unless the bridge answers in its place. */
export interface Outcome {
  readonly status: CallStatus;
  /** As the server wrote it, under the id that the server knows. */
  readonly frame?: ResponseFrame;
}

/** Where the messages that come before the answer of one call go, and then the answer. */
export interface CallOutlet {
  /** A message of the server that belongs to the call; sent at once. */
  send(raw: string): void;
  /** The answer, under the client's id; nothing follows it. */
  answer(raw: string, outcome: Outcome): void;
}

/** A request that is under way. */
export interface Sent {
  /** Tells the server, with the client's own words if there are any. The outlet gets no answer any more. */
  cancel(frame?: NotificationFrame): void;
}

/** What serves one client: a process of its own, a share of some, or processes of another era. */
export interface Backend {
  /** Sends a request. Its answer, or an error, always reaches the outlet, unless it is cancelled. */
  request(frame: RequestFrame, outlet: CallOutlet): Sent;
  notify(frame: NotificationFrame): void;
  /** Passes the client's answer to a request of the server on. */
  respond(frame: ResponseFrame): void;
  /** Bytes that the server has not taken yet. */
  readonly backlog: number;
  onceDrained(then: () => void): void;
  /** Stops reading from the server while a reader is behind, and goes on; calls are counted. */
  hold(): void;
  release(): void;
  /** The client is gone. Calls that wait get this error. Resolves when nothing is left of it. */
  stop(why: SessionEnd): Promise<void>;
}

/** Who is told what a backend has to say besides answers. */
export interface BackendListener {
  /** A request of the server; `call` when it is known which call it belongs to. */
  onRequest(frame: RequestFrame, call?: CallOutlet): void;
  onNotification(frame: NotificationFrame, call?: CallOutlet): void;
  /** A message (a JSON text) that belongs to a call that was answered before. */
  onLate(raw: string): void;
  /** Nothing comes any more; calls have got their errors. */
  onEnd(why: SessionEnd): void;
}

/** A request, and the place for its answer. */
export interface Call {
  readonly frame: RequestFrame;
  readonly outlet: CallOutlet;
}

/** Why a session ends: a word for programs, and a text for people. */
export interface SessionEnd {
  readonly reason: 'ended' | 'idle' | 'draining' | 'child_exited';
  readonly text: string;
  /** For programs: exit code, last lines of stderr. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Where messages go that belong to no call: a GET stream, an HTTP+SSE stream, a WebSocket. */
export interface FreeOutlet {
  send(raw: string): void;
  /** The session has ended, or (without a reason) newer streams need the place. */
  end(why?: SessionEnd): void;
  /** Keys or revocations have changed: whoever listens has to be proven anew. */
  renew(): void;
}

/** Who a session belongs to, e.g. `user:default/alice`. */
export type Principal = string;
