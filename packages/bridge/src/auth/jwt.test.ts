import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { OAuthIssuer, RESOURCE } from '../__testUtils__/oauthIssuer';
import { Issuer, unixNow } from '../__testUtils__/tokens';

const METADATA =
  'https://mcp.example/.well-known/oauth-protected-resource/servers/weather/mcp';

describe('access tokens of an OAuth issuer', () => {
  let bridge: Bridge;
  let issuer: OAuthIssuer;
  const initialize = (headers: Record<string, string>) =>
    send(bridge.port, { headers, body: initializeBody() });

  beforeAll(async () => {
    issuer = await OAuthIssuer.start();
    bridge = await startBridge({ auth: issuer.auth({ scopes: ['mcp:use'] }) });
  });
  afterAll(async () => {
    await bridge.stop();
    issuer.stop();
  });

  it('tells a client without a token where to get one', async () => {
    const answer = await initialize({});
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="mcp-cloud", scope="mcp:use", resource_metadata="${METADATA}"`,
    ]);
    for (const path of ['', '/mcp', '/servers/weather/mcp']) {
      const { status, text } = await send(bridge.port, {
        method: 'GET',
        path: `/.well-known/oauth-protected-resource${path}`,
      });
      expect([status, JSON.parse(text)]).toEqual([
        200,
        {
          resource: RESOURCE,
          authorization_servers: [issuer.url],
          bearer_methods_supported: ['header'],
          scopes_supported: ['mcp:use'],
        },
      ]);
    }
  });

  it('lets pages of allowed origins read where to get a token, at the URL that tokens are for', async () => {
    const path = '/.well-known/oauth-protected-resource';
    const ask = (method: string) =>
      send(bridge.port, {
        method,
        path,
        headers: { host: 'mcp.example', origin: 'http://localhost:6274' },
      });
    const preflight = await ask('OPTIONS');
    expect([
      preflight.status,
      preflight.headers['access-control-allow-methods'],
      preflight.headers['access-control-allow-headers'],
    ]).toEqual([204, 'GET', expect.stringContaining('Mcp-Protocol-Version')]);
    const { status, headers } = await ask('GET');
    expect([status, headers['access-control-allow-origin']]).toEqual([
      200,
      'http://localhost:6274',
    ]);
    expect((await ask('POST')).status).toBe(405);
  });

  it.each([
    ['scope', 'mcp:use other'],
    ['scp', ['mcp:use']],
  ])(
    'serves the bearer of a token with its scopes in %s',
    async (name, value) => {
      const client = await TestClient.connect(bridge.port, {
        headers: await issuer.bearer({ [name]: value }),
      });
      expect(textOf(await client.call('echo', { text: 'hi' }))).toBe('hi');
      // Nothing of the token is in the server's environment or in what it reads.
      expect(JSON.stringify(await client.seen())).not.toContain('Bearer');
      await client.close();
    },
  );

  it('refuses a valid token that lacks a scope with 403', async () => {
    const answer = await initialize(await issuer.bearer({ scope: 'other' }));
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      403,
      `Bearer realm="mcp-cloud", error="insufficient_scope", scope="mcp:use", resource_metadata="${METADATA}"`,
    ]);
  });

  it.each([
    ['another audience', { aud: 'https://mcp.example/other' }, RESOURCE],
    ['another issuer', { iss: 'https://evil.example' }, 'another issuer'],
    ['an expired token', { exp: unixNow() - 3600 }, 'expired'],
    ['a token of the future', { nbf: unixNow() + 3600 }, 'not valid'],
    ['no subject', { sub: undefined }, 'not valid'],
    ['no end', { exp: undefined }, 'not valid'],
  ])('refuses %s with 401', async (_, claims, word) => {
    const answer = await initialize(
      await issuer.bearer({ scope: 'mcp:use', ...claims }),
    );
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
    expect(answer.messages[0].error?.message).toContain(word);
  });

  it('bears clocks that differ a little', async () => {
    const headers = await issuer.bearer({
      scope: 'mcp:use',
      exp: unixNow() - 10,
    });
    expect((await initialize(headers)).status).toBe(200);
  });

  it('binds a session to issuer and subject', async () => {
    const headers = await issuer.bearer({ scope: 'mcp:use' });
    const client = await TestClient.connect(bridge.port, { headers });
    const call = async (claims: object) =>
      send(bridge.port, {
        headers: {
          ...client.headers,
          ...(await issuer.bearer({ scope: 'mcp:use', ...claims })),
        },
        body: client.callBody('pid'),
      });
    expect((await call({ exp: unixNow() + 900 })).status).toBe(200);
    expect((await call({ sub: 'mallory' })).status).toBe(404);
  });

  it('fetches the keys once, and again when they rotate', async () => {
    for (let n = 0; n < 5; n++)
      await initialize(await issuer.bearer({ scope: 'mcp:use', jti: `${n}` }));
    const before = issuer.fetches;
    await issuer.rotate();
    const later = Date.now() + 6000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
    const headers = await issuer.bearer({ scope: 'mcp:use' });
    expect((await initialize(headers)).status).toBe(200);
    clock.mockRestore();
    expect([before, issuer.fetches]).toEqual([1, 2]);
  });

  it('does not call a token wrong when its issuer is silent, and does not take one of its making for one of the portal', async () => {
    const silent = await OAuthIssuer.start();
    silent.silent = true;
    const portal = await Issuer.create();
    const second = await startBridge({
      auth: { ...portal.auth(), ...silent.auth() },
    });
    const ask = (headers: Record<string, string>) =>
      send(second.port, { headers, body: initializeBody() });
    const token = await silent.bearer();
    const unsure = await ask(token);
    expect([unsure.status, unsure.headers['retry-after']]).toEqual([503, '5']);
    const own = 'mcp-cloud-authorization';
    expect((await ask({ [own]: token.authorization })).status).toBe(401);
    const { authorization } = await portal.bearer();
    expect((await ask({ [own]: authorization })).status).toBe(200);
    await second.stop();
    silent.stop();
  });
});
