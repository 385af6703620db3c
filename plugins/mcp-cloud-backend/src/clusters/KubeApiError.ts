/**
 * An API server's refusal, or that it could not be reached. `message` is written for people and never holds
 * credentials; for a refusal it is the API server's own sentence.
 */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';

  constructor(
    message: string,
    /** HTTP status of the answer; 0 when there was none. */
    readonly status: number,
    /** Kubernetes' reason in CamelCase, such as `AlreadyExists`; `Unreachable` when there was no answer. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether no answer came, so that nothing is known of the request's fate. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** Makes an error from an answer's status and body. */
  static fromResponse(status: number, body: string): KubeApiError {
    const parsed = parseStatus(body);
    return new KubeApiError(
      parsed?.message || `The API server answered with status ${status}.`,
      status,
      parsed?.reason || 'Unknown',
    );
  }

  /** Makes an error from what went wrong on the way to the API server. */
  static fromCause(cause: unknown): KubeApiError {
    if (cause instanceof KubeApiError) {
      return cause;
    }
    return new KubeApiError(wordsFor(cause), 0, 'Unreachable', { cause });
  }
}

/** The parts of a `Status` object that matter here, or `undefined` when the text is no such object. */
export function parseStatus(
  body: string,
): { message?: string; reason?: string } | undefined {
  try {
    const parsed = JSON.parse(body) as {
      kind?: unknown;
      message?: unknown;
      reason?: unknown;
    } | null;
    if (parsed?.kind !== 'Status') {
      return undefined;
    }
    return {
      message: typeof parsed.message === 'string' ? parsed.message : undefined,
      reason: typeof parsed.reason === 'string' ? parsed.reason : undefined,
    };
  } catch {
    return undefined;
  }
}

/** Sentences for the error codes of Node's network stack. Everything else keeps its code only: messages may hold paths. */
function wordsFor(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  switch (code) {
    case 'ECONNREFUSED':
      return 'The API server refuses connections.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return "The API server's host name is not known.";
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'There is no network route to the API server.';
    case 'ETIMEDOUT':
      return 'The API server did not answer in time.';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'The connection to the API server broke.';
    case 'CERT_HAS_EXPIRED':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return "The API server's certificate is not trusted.";
    default:
      return typeof code === 'string'
        ? `The API server was not reached (${code}).`
        : 'The API server was not reached.';
  }
}
