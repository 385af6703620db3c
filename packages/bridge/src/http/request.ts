import type { IncomingMessage } from 'node:http';
import { ErrorCode, FrameError, invalid, Refusal } from '../frames/errors';
import { Body, parseBody } from '../frames/frame';

export function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}

export function accepts(req: IncomingMessage, type: string): boolean {
  const accept = req.headers.accept ?? '';
  return (
    accept.includes(type) ||
    accept.includes('*/*') ||
    accept.includes(`${type.split('/')[0]}/*`)
  );
}

/** @throws Refusal 406 */
export function needEventStream(req: IncomingMessage): void {
  if (!accepts(req, 'text/event-stream'))
    throw invalid('The Accept header must name text/event-stream', 406);
}

/** @throws Refusal 415 */
export function needJson(req: IncomingMessage): void {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) {
    throw invalid('The Content-Type must be application/json', 415);
  }
}

export function wrongMethod(allow: string): Refusal {
  return new Refusal(405, 'protocol', `Use ${allow}`, {
    code: ErrorCode.invalidRequest,
    headers: { allow },
  });
}

/** The messages of one body. @throws Refusal 400 */
export function messagesOf(text: string): Body {
  try {
    return parseBody(text);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new Refusal(400, 'protocol', error.message, { code: error.code });
  }
}
