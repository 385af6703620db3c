import { createHash, randomBytes } from 'node:crypto';
import type { Bridge } from '../bridge';
import { change, startBridge } from '../__testUtils__/bridge';
import { initializeBody, send, TestClient } from '../__testUtils__/client';
import { SocketClient } from '../__testUtils__/socket';
import { Issuer } from '../__testUtils__/tokens';
import { waitFor } from '../__testUtils__/wait';

const key = randomBytes(32).toString('base64url');
const other = randomBytes(32).toString('base64url');
const hashOf = (text: string) =>
  createHash('sha256').update(text).digest('hex');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('static keys', () => {
  let bridge: Bridge;
  let portal: Issuer;
  const auth = (ids: Record<string, string>) => ({
    ...portal.auth(),
    mode: 'keys',
    staticKeys: Object.entries(ids).map(([id, text]) => ({
      id,
      hash: hashOf(text),
    })),
  });
  const initialize = (headers: Record<string, string>) =>
    send(bridge.port, { headers, body: initializeBody() });

  beforeAll(async () => {
    portal = await Issuer.create();
    bridge = await startBridge({ auth: auth({ ci: key, laptop: other }) });
  });
  afterAll(() => bridge.stop());

  it('lets the bearer of a key in, and nobody without one', async () => {
    expect((await initialize(bearer(key))).status).toBe(200);
    const none = await initialize({});
    expect([none.status, none.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="mcp-cloud"',
    ]);
    for (const bad of ['x', hashOf(key), `${key}x`]) {
      const answer = await initialize(bearer(bad));
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('invalid_token');
      expect(answer.text).not.toContain(bad);
    }
  });

  it('keeps the sessions of keys apart', async () => {
    const client = await TestClient.connect(bridge.port, {
      headers: bearer(key),
    });
    const foreign = await send(bridge.port, {
      headers: { ...client.headers, ...bearer(other) },
      body: client.callBody('pid'),
    });
    expect(foreign.status).toBe(404);
  });

  it("takes the portal's tokens in the portal's own header only", async () => {
    const token = await portal.bearer();
    expect(
      (await initialize({ 'mcp-cloud-authorization': token.authorization }))
        .status,
    ).toBe(200);
    expect((await initialize(token)).status).toBe(401);
  });

  it('takes what a key may do from a socket that is open, when that changes', async () => {
    const tools = { rules: [{ tools: ['pid'], scopes: ['admin'] }] };
    const withScopes = (...scopes: string[]) => {
      const [staticKey] = auth({ ci: key }).staticKeys;
      const staticKeys = [{ ...staticKey, scopes }];
      change(bridge, { auth: { mode: 'keys', staticKeys }, tools });
    };
    withScopes('admin');
    const socket = await SocketClient.connect(bridge.port, {
      headers: bearer(key),
    });
    expect((await socket.call('pid', {}, 'first')).result).toBeDefined();
    withScopes();
    let id = 0;
    await waitFor(
      async () => (await socket.call('pid', {}, id++)).error !== undefined,
    );
    expect(socket.closed).toBeUndefined();
    socket.ws.close();
    change(bridge, { auth: auth({ ci: key, laptop: other }) });
  });

  it('forgets a key that is taken out of the configuration', async () => {
    const client = await TestClient.connect(bridge.port, {
      headers: bearer(key),
    });
    change(bridge, { auth: auth({ laptop: other }) });
    expect((await client.call('pid')).status).toBe(401);
    change(bridge, { auth: auth({ ci: key, laptop: other }) });
    expect((await client.call('pid')).status).toBe(200);
  });
});
