import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import type { Request } from 'express';

/** Who asks for something. */
export interface Caller {
  credentials: BackstageCredentials<
    BackstageUserPrincipal | BackstageServicePrincipal
  >;
  /** The request that it came with; for the audit log. */
  request?: Request;
  /** A key that the client chose for this request, with all that tells the request from another. */
  idempotency?: { key: string; request: string };
}

/** The caller's name: an entity reference, or `service:` with the subject of a service. */
export function principalOf({ credentials }: Caller): string {
  const { principal } = credentials;
  return principal.type === 'user'
    ? principal.userEntityRef
    : `service:${principal.subject}`;
}
