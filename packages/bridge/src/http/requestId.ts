import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const HEADER = 'x-request-id';
const HARMLESS = /^[\w.:-]{1,128}$/;
/** Of this process, so that ids of several replicas differ. */
const origin = randomBytes(4).toString('hex');
let count = 0;

/**
 * The name of a request in logs and refusals: its sender's, when that is harmless, or one made here.
 * It goes along when another replica serves the request.
 */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers[HEADER];
  if (typeof given === 'string' && HARMLESS.test(given)) return given;
  const made = `${origin}-${(++count).toString(36)}`;
  headers[HEADER] = made;
  return made;
}
