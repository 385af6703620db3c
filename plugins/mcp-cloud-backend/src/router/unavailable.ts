import { ResponseError, ServiceUnavailableError } from '@backstage/errors';
import type { NextFunction, Request, Response } from 'express';
import { KubeApiError } from '../clusters/KubeApiError';
import { isDatabaseAway } from '../database/isDatabaseAway';

const AGAIN =
  'Try again in a moment; a change with the same Idempotency-Key is made once.';

/** Says in words that the database or another plugin is away; every other error goes on as it is. */
export function unavailable(
  error: unknown,
  _req: Request,
  _res: Response,
  next: NextFunction,
): void {
  if (error instanceof ResponseError && error.statusCode >= 500) {
    // Who a person is and what is allowed, other plugins know.
    next(
      new ServiceUnavailableError(
        `A part of the portal that this needs does not answer. ${AGAIN}`,
      ),
    );
  } else if (!(error instanceof KubeApiError) && isDatabaseAway(error)) {
    next(
      new ServiceUnavailableError(
        `The portal's database does not answer. ${AGAIN}`,
      ),
    );
  } else {
    next(error);
  }
}
