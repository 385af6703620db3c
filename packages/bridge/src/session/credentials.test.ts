import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { SocketClient } from '../__testUtils__/socket';
import { Issuer } from '../__testUtils__/tokens';
import { waitFor } from '../__testUtils__/wait';

describe("credentials of one user, by a request's headers", () => {
  let bridge: Bridge;
  let issuer: Issuer;
  const connect = async (key?: string, sub = 'user:default/alice') =>
    TestClient.connect(bridge.port, {
      headers: {
        ...(await issuer.bearer({ sub })),
        ...(key === undefined ? {} : { 'x-api-key': key }),
      },
    });
  const keyOf = async (client: TestClient) =>
    textOf(await client.call('env', { name: 'API_KEY' }));

  beforeAll(async () => {
    issuer = await Issuer.create();
    bridge = await startBridge({
      auth: issuer.auth(),
      headerEnv: { 'X-Api-Key': 'API_KEY' },
      limits: { maxSessions: 5 },
    });
  });
  afterAll(() => bridge.stop());

  it("start the session's own process with them, never the one that waits", async () => {
    const waiting = bridge.supervisor
      .list()
      .find(({ state }) => state === 'spare')?.pid;
    const [a, b, none] = [
      await connect('key-of-alice'),
      await connect('key-of-bob', 'user:default/bob'),
      await connect(),
    ];
    expect([await keyOf(a), await keyOf(b), await keyOf(none)]).toEqual([
      'key-of-alice',
      'key-of-bob',
      'undefined',
    ]);
    expect(none.pid).toBe(waiting);
    for (const client of [a, b, none]) await client.close();
  });

  it('belong to the session: without them, or with others, it is not known', async () => {
    const client = await connect('key-of-alice');
    for (const headers of [
      { ...client.headers, 'x-api-key': 'other-key' },
      { ...client.headers, 'x-api-key': '' },
    ]) {
      const body = client.callBody('pid');
      expect((await send(bridge.port, { headers, body })).status).toBe(404);
    }
    expect((await client.call('pid')).status).toBe(200);
    await client.close();
  });

  it('are read from the handshake of a WebSocket too', async () => {
    const headers = { ...(await issuer.bearer()), 'x-api-key': 'key-of-alice' };
    const socket = await SocketClient.connect(bridge.port, { headers });
    const { result } = await socket.call('env', { name: 'API_KEY' });
    expect(result?.content?.[0].text).toBe('key-of-alice');
    socket.ws.close();
  });

  it('are taken out of what the server prints', async () => {
    const client = await connect('key-of-alice');
    await client.call('stderr', { text: 'failed with key-of-alice!' });
    await waitFor(() =>
      bridge.supervisor.journal.stderr.includes('failed with [redacted]!'),
    );
    expect(JSON.stringify(bridge.supervisor.journal.stderr)).not.toContain(
      'alice',
    );
    await client.close();
  });

  it('that the server does not accept keep nobody else waiting', async () => {
    const own = await startBridge({ headerEnv: { 'X-Exit': 'FIXTURE_EXIT' } });
    for (let n = 0; n < 3; n++) {
      const refused = await send(own.port, {
        headers: { 'x-exit': '7' },
        body: initializeBody(),
      });
      expect(refused.messages[0].error?.message).toContain('code 7');
    }
    for (let n = 0; n < 3; n++)
      expect((await TestClient.connect(own.port)).pid).toBeGreaterThan(0);
    await own.stop();
  });

  it('get the place of the process that waits when there is no other', async () => {
    await waitFor(() => bridge.sessions.size === 0);
    await waitFor(() => bridge.supervisor.size <= 1);
    const clients = [];
    for (let n = 0; n < 5; n++) clients.push(await connect(`key-${n}`));
    expect(await Promise.all(clients.map(keyOf))).toEqual(
      clients.map((_, n) => `key-${n}`),
    );
    for (const client of clients) await client.close();

    const few = await startBridge({
      headerEnv: { 'X-Api-Key': 'API_KEY' },
      limits: { maxSessions: 1, maxChildren: 1 },
    });
    const client = await TestClient.connect(few.port, {
      headers: { 'x-api-key': 'k' },
    });
    expect(await keyOf(client)).toBe('k');
    expect(few.supervisor.size).toBe(1);
    await few.stop();
  });
});
