import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../frames/json';
import type { Principal } from '../session/types';

/** Who sends a request, and what is known of them. */
export interface Identity {
  readonly principal: Principal;
  /** What a token or key may be used for. */
  readonly scopes: ReadonlySet<string>;
  /** What a token says of its bearer; empty without one. */
  readonly claims: JsonObject;
  /** Of a static key. */
  readonly keyId?: string;
  /** Whether it is the portal itself, which may see what all users do. */
  readonly portal?: boolean;
}

/** Finds out who sends a request. */
export interface Authenticator {
  /** @throws Refusal 401, 403 when a token may do too little, 503 when nobody can say */
  authenticate(headers: IncomingHttpHeaders): Promise<Identity>;
}

/** The header in which the portal names the user of a request; a proxy on the way may take `Authorization` for itself. */
export const PORTAL_HEADER = 'mcp-cloud-authorization';

/** The token or key in a header's value. */
export function bearerOf(
  value: string | string[] | undefined,
): string | undefined {
  const match =
    typeof value === 'string' ? /^Bearer +(\S+)$/i.exec(value.trim()) : null;
  return match?.[1];
}
