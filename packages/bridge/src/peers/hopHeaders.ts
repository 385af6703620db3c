import type { IncomingHttpHeaders } from 'node:http';

/** Headers that mean one connection, not the message. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that go on to the next connection; all else stays as it came, `Host` and `Origin` included. */
export function endToEnd(
  headers: IncomingHttpHeaders,
): Record<string, string | string[]> {
  const named = headers.connection
    ?.split(',')
    .map(name => name.trim().toLowerCase());
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_THE_CONNECTION.has(name)) continue;
    if (!named?.includes(name)) kept[name] = value;
  }
  return kept;
}
