import type { OperationFailure } from '@mcp-cloud/plugin-mcp-cloud-common';

/** Errors of `@backstage/errors`, whose messages are written for people. */
const ERRORS_IN_WORDS = new Set([
  'InputError',
  'ConflictError',
  'NotFoundError',
  'ServiceUnavailableError',
  'UnsupportedError',
  'QuotaExceededError',
]);

/** Why an operation failed, in the words that people read. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(readonly details: OperationFailure) {
    super(details.message);
  }

  /** What is known of any error. */
  static detailsOf(error: unknown): OperationFailure {
    if (error instanceof OperationError) {
      return error.details;
    }
    const { name, message, reason } = error as {
      name?: string;
      message?: string;
      reason?: unknown;
    };
    if (name === 'KubeApiError') {
      return {
        reason: typeof reason === 'string' ? reason : 'ClusterRefused',
        message: String(message),
      };
    }
    if (name && ERRORS_IN_WORDS.has(name)) {
      return { reason: name.replace(/Error$/, ''), message: String(message) };
    }
    return {
      reason: 'InternalError',
      message: String(message ?? error),
      hint: 'See the log of the backend.',
    };
  }
}
