import { AuthConfig, hasPortal } from '../config/auth';
import { Authenticator, PORTAL_HEADER } from './identity';
import { JwtAuthenticator } from './jwt';
import { PlatformAuthenticator } from './platform';
import { resourceMetadata } from './resource';
import { KeyAuthenticator } from './staticKeys';

/** Where there is no portal, the bridge listens on its own machine only, and everybody may see its status. */
const anybody = (auth: AuthConfig): Authenticator => ({
  authenticate: async () => ({
    principal: 'anonymous',
    scopes: new Set(),
    claims: {},
    portal: !hasPortal(auth),
  }),
});

function ofMode(auth: AuthConfig): Authenticator {
  if (auth.mode === 'none') return anybody(auth);
  if (auth.mode === 'keys') return new KeyAuthenticator(auth.staticKeys);
  if (auth.mode === 'jwt' && auth.jwt)
    return new JwtAuthenticator(auth.jwt, resourceMetadata(auth)?.url);
  return new PlatformAuthenticator(auth);
}

/**
 * The authenticator of a configuration; make a new one when the configuration changes.
 * Whatever the mode for clients, the portal comes with tokens of its own, in its own header.
 */
export function createAuthenticator(auth: AuthConfig): Authenticator {
  const direct = ofMode(auth);
  if (!hasPortal(auth) || auth.mode === 'platform') return direct;
  const portal = new PlatformAuthenticator(auth);
  return {
    authenticate: headers =>
      headers[PORTAL_HEADER] === undefined
        ? direct.authenticate(headers)
        : portal.authenticate({ [PORTAL_HEADER]: headers[PORTAL_HEADER] }),
  };
}
