import { InputError } from '@backstage/errors';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { PayloadTooLargeError } from '../servers/errors';

const LIMIT_MB = 5;

/** Parses JSON bodies of a bounded size, and says in words what is wrong with others. */
export function jsonBody(): RequestHandler {
  const parser = express.json({ limit: `${LIMIT_MB}mb` });
  return (req: Request, res: Response, next: NextFunction) =>
    parser(req, res, (error?: unknown) =>
      next(error && inWords(error as { type?: string })),
    );
}

function inWords(error: { type?: string }): unknown {
  switch (error.type) {
    case 'entity.too.large':
      return new PayloadTooLargeError(
        `A body has at most ${LIMIT_MB} MB. Put larger data into the image.`,
      );
    case 'entity.parse.failed':
      return new InputError('The body is not JSON.');
    default:
      return error;
  }
}
