import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** What a bridge needs of a client's request, besides everything that begins with `mcp-`. */
const PASSED_IN = new Set([
  'accept',
  'content-type',
  'content-length',
  'last-event-id',
  'user-agent',
  'traceparent',
  'tracestate',
]);
/** Ours alone: a client that could set this would speak in another's name. */
const NEVER_IN = new Set(['mcp-cloud-authorization']);
/** What of a bridge's answer is for the bridge's own connection, or for the client to hear from the portal only. */
const KEPT_BACK = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'set-cookie',
  'cache-control',
  'date',
  'audit-id',
]);

/** Headers for the bridge: a list of what passes, so that no cookie or credential of the portal ever does. */
export function headersForBridge(
  headers: IncomingHttpHeaders,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (
      value !== undefined &&
      !NEVER_IN.has(name) &&
      (PASSED_IN.has(name) || name.startsWith('mcp-'))
    ) {
      result[name] = value;
    }
  }
  return result;
}

/** Headers for the client. Caching and compression are off: both would hold events back. */
export function headersForClient(
  headers: IncomingHttpHeaders,
): OutgoingHttpHeaders {
  const result: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    // CORS is the portal's business.
    if (
      value !== undefined &&
      !KEPT_BACK.has(name) &&
      !name.startsWith('access-control-') &&
      !name.startsWith('x-kubernetes-')
    ) {
      result[name] = value;
    }
  }
  result['cache-control'] = 'no-cache, no-transform';
  result['x-accel-buffering'] = 'no';
  result['access-control-expose-headers'] = 'Mcp-Session-Id';
  return result;
}
