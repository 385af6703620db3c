import { ServiceUnavailableError } from '@backstage/errors';
import type { NextFunction, Request, Response } from 'express';
import { KubeApiError } from '../clusters/KubeApiError';
import { isDatabaseAway } from '../database/isDatabaseAway';

/** Says in words that the database is away; every other error goes on as it is. */
export function databaseErrors(
  error: unknown,
  _req: Request,
  _res: Response,
  next: NextFunction,
): void {
  next(
    !(error instanceof KubeApiError) && isDatabaseAway(error)
      ? new ServiceUnavailableError(
          "The portal's database does not answer. Try again in a moment; a change with the same Idempotency-Key is made once.",
        )
      : error,
  );
}
