/** JSON-RPC error codes that the bridge itself answers with. */
export const ErrorCode = {
  parse: -32700,
  invalidRequest: -32600,
  /** The server behind the bridge went away, or a limit was reached. */
  unavailable: -32000,
  /** A call took too long, or its session is not known (as the SDKs use it). */
  gone: -32001,
  cancelled: -32800,
  methodNotFound: -32601,
  invalidParams: -32602,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** A JSON-RPC error as one line of JSON. `idText` is the id as the client wrote it, or `null`. */
export function errorText(
  idText: string | null,
  code: number,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): string {
  const error = JSON.stringify({ code, message, ...(data ? { data } : {}) });
  return `{"jsonrpc":"2.0","id":${idText ?? 'null'},"error":${error}}`;
}

/** What is wrong with a text that is no frame; `code` is JSON-RPC's. */
export class FrameError extends Error {
  constructor(readonly code: -32700 | -32600, message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** Why the bridge refuses something, in a word for programs (`mcp_rejected_total{reason}`). */
export type RefusalReason =
  | 'sessions'
  | 'children'
  | 'unreachable'
  | 'backoff'
  | 'pending'
  | 'body'
  | 'memory'
  | 'line'
  | 'slow_reader'
  | 'timeout'
  | 'draining'
  | 'auth'
  | 'scope'
  | 'tool'
  | 'rate'
  | 'host'
  | 'origin'
  | 'session_unknown'
  | 'peer'
  | 'protocol'
  | 'unattributed';

/** A request that is refused with an HTTP status and a text for people. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: RefusalReason,
    message: string,
    readonly options: {
      readonly code?: number;
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly data?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** What was sent breaks the protocol. */
export function invalid(message: string, status = 400): Refusal {
  return new Refusal(status, 'protocol', message, {
    code: ErrorCode.invalidRequest,
  });
}
