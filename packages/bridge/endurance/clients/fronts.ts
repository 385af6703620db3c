import type { Subject } from '../bridge.ts';
import { connectGrpc } from './grpc.ts';
import { connectSse } from './sse.ts';
import { connectStreamable } from './streamable.ts';
import { connectWebSocket } from './webSocket.ts';
import type { Call } from '../ledger.ts';
import type { Message } from './message.ts';

/** What a session has on the wire. */
export interface Wire {
  /** Sends a message; what comes on a reply of its own is told with its call. */
  send(text: string, call?: Call): void;
  /** Ends the session as a good client does. */
  close(): Promise<void>;
  /** Leaves without a word. */
  abandon(): void;
}

export interface WireOptions {
  readonly subject: Subject;
  readonly headers?: Record<string, string>;
  /** The text of an initialize request. */
  readonly initialize: string;
  readonly onMessage: (message: Message, call?: Call) => void;
  /** The session is over, or a reply ended without its answer. */
  readonly onLost: (why: string, call?: Call) => void;
}

/** Opens a session that is ready for use. @throws Error with the status when it is refused */
export type Front = (options: WireOptions) => Promise<Wire>;

/** Every way in for clients with sessions. */
export const FRONTS: Readonly<
  Record<string, { readonly version: string; readonly connect: Front }>
> = {
  'Streamable HTTP': { version: '2025-06-18', connect: connectStreamable },
  'HTTP+SSE': { version: '2024-11-05', connect: connectSse },
  WebSocket: { version: '2025-06-18', connect: connectWebSocket },
  gRPC: { version: '2025-11-25', connect: connectGrpc },
};
