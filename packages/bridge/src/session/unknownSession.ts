import { ErrorCode, Refusal } from '../frames/errors';

/** The answer upon which clients begin a new session. */
export function unknownSession(): Refusal {
  return new Refusal(
    404,
    'session_unknown',
    'Session not found; it may have ended. Begin a new one with initialize',
    { code: ErrorCode.gone },
  );
}
