import type { ServerResponse } from 'node:http';
import { ErrorCode, errorText, Refusal } from '../frames/errors';
import { requestIdOf } from './requestId';

/** Answers with a JSON text. */
export function sendJson(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

/** A refusal as a JSON-RPC error. */
export function refusalText(
  { message, reason, options }: Refusal,
  idText: string | null = null,
): string {
  const { code = ErrorCode.unavailable, data } = options;
  return errorText(idText, code, message, { reason, ...data });
}

/** Answers a refused request: an HTTP status, and a JSON-RPC error for clients that show its text. */
export function sendRefusal(
  res: ServerResponse,
  refusal: Refusal,
  idText: string | null = null,
): void {
  const { retryAfterSeconds, headers } = refusal.options;
  sendJson(res, refusal.status, refusalText(refusal, idText), {
    'x-request-id': requestIdOf(res.req),
    ...headers,
    ...(retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(retryAfterSeconds) }),
  });
}
