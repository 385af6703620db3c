import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Provider, errors } from 'oidc-provider';
import { people } from '../people.ts';
import type { StateFile } from './stateFile.ts';
import { whoAreYouPage } from './whoAreYouPage.ts';

export interface ProviderOptions {
  port: number;
  /** Address of the portal, which is the only client. */
  portal: string;
  clientSecret: string;
  state: StateFile;
}

const FORTNIGHT = 14 * 24 * 3600;

function createProvider({
  port,
  portal,
  clientSecret,
  state,
}: ProviderOptions): Provider {
  const provider = new Provider(`http://localhost:${port}`, {
    adapter: model => state.adapter(model),
    jwks: { keys: [state.signingKey] },
    cookies: { keys: [state.cookieKey] },
    clients: [
      {
        client_id: 'portal',
        client_secret: clientSecret,
        redirect_uris: [`${portal}/api/auth/oidc/handler/frame`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    findAccount: async (_context, id) => {
      const person = people.find(one => one.id === id);
      if (!person) {
        return undefined;
      }
      const { name, email } = person;
      return {
        accountId: id,
        claims: async () => ({
          sub: id,
          preferred_username: id,
          name,
          email,
          email_verified: true,
        }),
      };
    },
    pkce: { required: () => false }, // Backstage's module sends no code challenge
    rotateRefreshToken: false, // several tabs refresh with the same token; a replay would end the sign-in
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: 3600,
      IdToken: 3600,
      Grant: FORTNIGHT,
      RefreshToken: FORTNIGHT,
      Session: FORTNIGHT,
      Interaction: 600,
    },
  });
  provider.on('server_error', (_context, error) =>
    process.stderr.write(`${error.stack}\n`),
  );
  return provider;
}

/** Answers both questions of the provider: who is it, and does the portal get what it asked for. */
async function choose(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  accountId: string,
) {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({
    accountId,
    clientId: String(params.client_id),
  });
  grant.addOIDCScope(String(params.scope));
  const grantId = await grant.save();
  const answer = { login: { accountId }, consent: { grantId } };
  await provider.interactionFinished(req, res, answer, {
    mergeWithLastSubmission: false,
  });
}

/** A small OpenID Connect provider on loopback: no passwords, one page on which a person is chosen. */
export function serveProvider(options: ProviderOptions): Promise<Server> {
  const provider = createProvider(options);
  const handle = provider.callback();
  const server = createServer(async (req, res) => {
    const [, route, uid, id] = (req.url ?? '').split('?')[0].split('/');
    try {
      if (route !== 'interaction') {
        await handle(req, res);
      } else if (req.method === 'POST' && people.some(one => one.id === id)) {
        await choose(provider, req, res, id);
      } else {
        await provider.interactionDetails(req, res); // refuses an interaction that is not this browser's
        res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
        res.end(whoAreYouPage(people, `/interaction/${uid}`));
      }
    } catch (error) {
      const status =
        error instanceof errors.OIDCProviderError ? error.statusCode : 500;
      res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
      res.end(
        'This sign-in is no longer valid. Go back to the portal and sign in again.\n',
      );
      process.stderr.write(`${(error as Error).stack}\n`);
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve(server));
  });
}
