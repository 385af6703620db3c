import type { AuthConfig } from '../config/auth';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** What clients learn of a server that takes tokens of an OAuth issuer (RFC 9728). */
export interface ResourceMetadata {
  /** Where clients find it. */
  readonly url: string;
  /** The paths at which it is served, one for each way in which clients look. */
  readonly paths: ReadonlySet<string>;
  readonly text: string;
}

/** The metadata of mode `jwt`; none in the others. */
export function resourceMetadata({
  mode,
  jwt,
}: AuthConfig): ResourceMetadata | undefined {
  if (mode !== 'jwt' || !jwt) return undefined;
  const { origin, pathname } = new URL(jwt.resource);
  const path = pathname === '/' ? WELL_KNOWN : `${WELL_KNOWN}${pathname}`;
  return {
    url: `${origin}${path}`,
    paths: new Set([WELL_KNOWN, `${WELL_KNOWN}/mcp`, path]),
    text: JSON.stringify({
      resource: jwt.resource,
      authorization_servers: [jwt.issuer],
      bearer_methods_supported: ['header'],
      ...(jwt.scopes.length > 0 ? { scopes_supported: jwt.scopes } : {}),
    }),
  };
}
