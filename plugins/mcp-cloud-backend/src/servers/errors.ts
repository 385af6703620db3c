import { CustomErrorBase } from '@backstage/errors';

/** The server changed since the caller read it. */
export class PreconditionFailedError extends CustomErrorBase {
  readonly name = 'PreconditionFailedError';
  readonly statusCode = 412;
}

/** A change that must say which state of the server it starts from, and does not. */
export class PreconditionRequiredError extends CustomErrorBase {
  readonly name = 'PreconditionRequiredError';
  readonly statusCode = 428;
}

/** There is as much already as there may be. */
export class LimitExceededError extends CustomErrorBase {
  readonly name = 'LimitExceededError';
  readonly statusCode = 409;
}

/** The owner would take more than the platform gives it. */
export class QuotaExceededError extends CustomErrorBase {
  readonly name = 'QuotaExceededError';
  readonly statusCode = 409;
}

/** A body larger than the interface takes. */
export class PayloadTooLargeError extends CustomErrorBase {
  readonly name = 'PayloadTooLargeError';
  readonly statusCode = 413;
}

/** A Spec that is well-formed and asks for what this release cannot do. */
export class UnsupportedError extends CustomErrorBase {
  readonly name = 'UnsupportedError';
  readonly statusCode = 422;
}
