import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../config/loopback';
import { Refusal } from '../frames/errors';

/** Host name and, if it is said, port of a `Host` header. */
export function splitHost(
  header: string,
): { name: string; port?: string } | undefined {
  const match = /^(\[[0-9a-f:.%]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(
    header.trim(),
  );
  if (!match) return undefined;
  return { name: match[1].toLowerCase().replace(/\.$/, ''), port: match[2] };
}

/** An entry without a port allows every port. */
function hostAllowed(header: string, allowed: readonly string[]): boolean {
  const host = splitHost(header);
  if (!host) return false;
  if (isLoopback(host.name)) return true;
  return allowed.some(entry => {
    const want = splitHost(entry);
    return (
      want?.name === host.name &&
      (want.port === undefined || want.port === host.port)
    );
  });
}

function originAllowed(origin: string, allowed: readonly string[]): boolean {
  if (allowed.includes('*') || allowed.includes(origin.toLowerCase()))
    return true;
  try {
    const url = new URL(origin);
    return /^https?:$/.test(url.protocol) && isLoopback(url.hostname);
  } catch {
    return false;
  }
}

/**
 * Refuses what a browser sends on behalf of a foreign page (DNS rebinding).
 * Loopback names are always allowed; a valid token changes nothing.
 * @throws Refusal 403
 */
export function guard(
  headers: IncomingHttpHeaders,
  allow: {
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
  },
): void {
  const { host, origin } = headers;
  if (host === undefined || !hostAllowed(host, allow.allowedHosts)) {
    throw new Refusal(
      403,
      'host',
      `The host "${(host ?? '').slice(0, 100)}" is not in allowedHosts`,
    );
  }
  if (origin !== undefined && !originAllowed(origin, allow.allowedOrigins)) {
    throw new Refusal(
      403,
      'origin',
      `The origin "${origin.slice(0, 100)}" is not in allowedOrigins`,
    );
  }
}

/** What a page of an allowed origin needs to use the answers. */
export function corsHeaders(
  origin: string | undefined,
): Record<string, string> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'Mcp-Session-Id, Retry-After, WWW-Authenticate, X-Request-Id',
    vary: 'Origin',
  };
}

const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Protocol-Version',
  'Mcp-Session-Id',
  'Traceparent',
  'Tracestate',
];

/**
 * The headers that a page may send; arguments of tools bring headers of their own.
 * @param others that this bridge has a use for
 */
export function allowedHeaders(
  headers: IncomingHttpHeaders,
  others: readonly string[],
): string {
  const asked = headers['access-control-request-headers'] ?? '';
  const args = asked
    .split(',')
    .map(name => name.trim())
    .filter(name => /^mcp-param-[\w!#$%&'*+.^`|~-]+$/i.test(name));
  return [...REQUEST_HEADERS, ...others, ...args].join(', ');
}
