// An MCP server behind a sign-in: `node signInServer.mjs TARGET` prints its address. It is a real OpenID Connect
// provider, whose one person agrees to everything, and a resource that passes on what carries a token of it.
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';

const target = new URL(process.argv[2]);
let handle = (_req, res) => res.writeHead(503).end();
const server = createServer((req, res) => handle(req, res));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const resource = `${origin}/mcp`;

const provider = new Provider(origin, {
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id }),
  }),
  clientAuthMethods: ['none'],
  scopes: ['openid', 'offline_access', 'tools'],
  cookies: { keys: ['test'] },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'tools', audience: resource }),
    },
  },
});
const oauth = provider.callback();

async function agree(req, res) {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({
    accountId: 'ada',
    clientId: params.client_id,
  });
  grant.addOIDCScope(String(params.scope));
  grant.addResourceScope(resource, 'tools');
  await provider.interactionFinished(
    req,
    res,
    {
      login: { accountId: 'ada' },
      consent: { grantId: await grant.save() },
    },
    { mergeWithLastSubmission: false },
  );
}

async function serve(req, res) {
  const [, token] = /^Bearer (.+)$/.exec(req.headers.authorization ?? '') ?? [];
  const found = token && (await provider.AccessToken.find(token));
  if (!found || found.aud !== resource) {
    res.writeHead(401, {
      'www-authenticate': `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    });
    res.end();
    return;
  }
  const { authorization, host, ...headers } = req.headers;
  const onward = request(target, { method: req.method, headers }, answer => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
  });
  req.pipe(onward);
  res.on('close', () => onward.destroy());
}

handle = (req, res) => {
  if (req.url === '/mcp') serve(req, res);
  else if (req.url.startsWith('/interaction/')) agree(req, res);
  else if (req.url.startsWith('/.well-known/oauth-protected-resource')) {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(
      JSON.stringify({
        resource,
        authorization_servers: [origin],
        scopes_supported: ['tools'],
      }),
    );
  } else oauth(req, res);
};
process.stdout.write(`${resource}\n`);
