import type { Bridge } from '../bridge';
import { change as reconfigure, startBridge } from '../__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { Issuer, unixNow as now } from '../__testUtils__/tokens';
import { waitFor } from '../__testUtils__/wait';

describe('platform tokens', () => {
  let bridge: Bridge;
  let issuer: Issuer;
  const auth = (overrides = {}) => issuer.auth(overrides);
  const token = (...args: Parameters<Issuer['token']>) => issuer.token(...args);
  const bearer = (...args: Parameters<Issuer['token']>) =>
    issuer.bearer(...args);
  const tryWith = (headers: Record<string, string>) =>
    send(bridge.port, { headers, body: initializeBody() });

  beforeAll(async () => {
    issuer = await Issuer.create();
    bridge = await startBridge({ auth: auth() });
  });
  afterAll(() => bridge.stop());

  it('serves the bearer of a good token', async () => {
    const client = await TestClient.connect(bridge.port, {
      headers: await bearer(),
    });
    expect(textOf(await client.call('echo', { text: 'hi' }))).toBe('hi');
    await client.close();
  });

  it("takes the platform's own header before Authorization", async () => {
    const good = `Bearer ${await token()}`;
    expect(
      (
        await tryWith({
          'mcp-cloud-authorization': good,
          authorization: 'Bearer other',
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await tryWith({
          'mcp-cloud-authorization': 'Bearer other',
          authorization: good,
        })
      ).status,
    ).toBe(401);
  });

  it('tells only the portal who calls, where everybody may call', async () => {
    const open = await startBridge({ auth: { ...auth(), mode: 'none' } });
    const answer = await send(open.port, { body: initializeBody() });
    expect(answer.status).toBe(200);
    const usage = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${open.adminPort}/usage`, { headers });
    expect((await usage({})).status).toBe(403);
    const { authorization } = await bearer({ sub: 'plugin:mcp-cloud' });
    expect(
      (await usage({ 'mcp-cloud-authorization': authorization })).status,
    ).toBe(200);
    await open.stop();
  });

  it('says what to do when there is no token', async () => {
    const answer = await tryWith({});
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(answer.messages[0].error?.message).toContain('Connect page');
  });

  it.each([
    ['another audience', { aud: 'another' }, 'another server'],
    ['an expired token', { exp: 1000, iat: 900 }, 'expired'],
    ['another issuer', { iss: 'somebody' }, 'not valid'],
    ['no subject', { sub: undefined }, 'not valid'],
    ['no end', { exp: undefined }, 'not valid'],
  ])('refuses %s', async (_, claims, word) => {
    const answer = await tryWith(await bearer(claims));
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
    expect(answer.messages[0].error?.message).toContain(word);
  });

  it('refuses a wrong key, an unknown key, no signature, and nonsense', async () => {
    const stranger = await Issuer.create('two');
    const unsigned = `${Buffer.from('{"alg":"none","kid":"one"}').toString(
      'base64url',
    )}.${(await token()).split('.')[1]}.`;
    const tokens = [
      await token({}, { key: stranger.privateKey, kid: 'one' }),
      await token({}, { key: stranger.privateKey, kid: 'two' }),
      unsigned,
      'nonsense',
      'x'.repeat(10_000),
    ];
    for (const bad of tokens)
      expect((await tryWith({ authorization: `Bearer ${bad}` })).status).toBe(
        401,
      );
  });

  it('needs an allowed host, whatever the token', async () => {
    expect(
      (await tryWith({ ...(await bearer()), host: 'evil.example' })).status,
    ).toBe(403);
  });

  it('hides a session from everybody but its owner', async () => {
    const client = await TestClient.connect(bridge.port, {
      headers: await bearer(),
    });
    const mallory = {
      ...client.headers,
      ...(await bearer({ sub: 'user:default/mallory' })),
    };
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? client.callBody('pid') : undefined;
      expect(
        (await send(bridge.port, { method, headers: mallory, body })).status,
      ).toBe(404);
    }
    const renewed = {
      ...client.headers,
      ...(await bearer({ exp: now() + 900 })),
    };
    expect(
      (
        await send(bridge.port, {
          headers: renewed,
          body: client.callBody('pid'),
        })
      ).status,
    ).toBe(200);
    await client.close();
  });

  it('shows /status to the bearer of a token only', async () => {
    const get = (headers: Record<string, string>) =>
      send(bridge.adminPort, { method: 'GET', path: '/status', headers });
    expect((await get({})).status).toBe(401);
    const answer = await get(await bearer());
    expect(JSON.parse(answer.text)).toMatchObject({
      draining: false,
      ready: { ok: true },
      configHash: 'first',
    });
    for (const path of ['/health', '/ready', '/metrics']) {
      expect(
        (
          await send(bridge.adminPort, {
            method: 'GET',
            path,
            headers: { host: '10.0.0.1' },
          })
        ).status,
      ).toBe(200);
    }
  });

  it('learns keys and the not-before time from a new configuration, and ends open streams then', async () => {
    const client = await TestClient.connect(bridge.port, {
      headers: await bearer({ iat: now() - 100 }),
    });
    const stream = await client.listen();
    const next = await Issuer.create('two');
    const change = (overrides: object) =>
      reconfigure(bridge, { auth: auth(overrides) });

    change({ keys: [issuer.jwk, next.jwk] });
    await waitFor(() => stream.ended);
    expect((await client.call('pid')).status).toBe(200);
    expect(
      (await tryWith(await bearer({}, { key: next.privateKey, kid: 'two' })))
        .status,
    ).toBe(200);

    change({ notBefore: now() - 50 });
    const revoked = await client.call('pid');
    expect(revoked.status).toBe(401);
    expect(revoked.text).toContain('revoked');
    expect((await tryWith(await bearer())).status).toBe(200);
    change({});
  });
});
