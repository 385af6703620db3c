import { ErrorCode, Refusal } from '../frames/errors';

/** What a client learns from `WWW-Authenticate` (RFC 6750, RFC 9728). */
export interface Challenge {
  readonly error?: 'invalid_token' | 'insufficient_scope';
  /** Scopes to ask for. */
  readonly scope?: readonly string[];
  /** URL of the metadata that names the authorization server. */
  readonly metadata?: string;
}

/** The value of `WWW-Authenticate`. */
export function challengeText({ error, scope, metadata }: Challenge): string {
  const parameters = {
    realm: 'mcp-cloud',
    error,
    scope: scope?.length ? scope.join(' ') : undefined,
    resource_metadata: metadata,
  };
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value}"`],
  );
  return `Bearer ${written.join(', ')}`;
}

/** The refusal of a request without a valid token or key. */
export function unauthorized(message: string, challenge: Challenge): Refusal {
  return new Refusal(401, 'auth', message, {
    code: ErrorCode.unavailable,
    headers: { 'www-authenticate': challengeText(challenge) },
  });
}

/** The refusal of a token that is valid and may do too little. */
export function insufficientScope(
  message: string,
  scope: readonly string[],
  metadata?: string,
): Refusal {
  return new Refusal(403, 'scope', message, {
    code: ErrorCode.unavailable,
    headers: {
      'www-authenticate': challengeText({
        error: 'insufficient_scope',
        scope,
        metadata,
      }),
    },
    data: { scope },
  });
}
