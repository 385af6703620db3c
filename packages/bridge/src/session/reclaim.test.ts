import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import { initializeBody, send, TestClient } from '../__testUtils__/client';
import { metric } from '../__testUtils__/metric';
import { SocketClient } from '../__testUtils__/socket';
import { isAlive, waitFor } from '../__testUtils__/wait';

const QUIET_MS = 100;

describe('a new session when all places are taken', () => {
  let bridge: Bridge;
  const start = async (limits: object) => {
    bridge = await startBridge({
      limits: { reclaimAfter: `${QUIET_MS}ms`, ...limits },
    });
    return bridge;
  };
  const quietFor = (ms: number) =>
    new Promise(resolve => setTimeout(resolve, ms));

  afterEach(() => bridge.stop());

  it.each([
    ['sessions', { maxSessions: 4 }],
    ['processes', { maxSessions: 9, maxChildren: 4 }],
  ])(
    'gets the place of the one that was quiet for longest, of %s that are in no use',
    async (_, limits) => {
      const { port, adminPort } = await start(limits);
      const calling = await TestClient.connect(port);
      void calling.call('never').catch(() => {});
      const listening = await TestClient.connect(port);
      await listening.listen();
      const socket = await SocketClient.connect(port);
      const left = await TestClient.connect(port);
      await waitFor(() => bridge.sessions.pendingCount === 1);
      await quietFor(2 * QUIET_MS);

      const newer = await TestClient.connect(port);
      expect((await newer.call('pid')).status).toBe(200);
      expect((await left.call('pid')).status).toBe(404);
      expect(isAlive(left.pid)).toBe(false);
      for (const kept of [calling, listening])
        expect((await kept.call('pid')).status).toBe(200);
      expect((await socket.call('pid')).result).toBeDefined();
      expect(await metric(adminPort, 'mcp_sessions_reclaimed_total')).toBe(1);
      socket.ws.close();
    },
  );

  it('is refused with 503 while all are in use, or were a moment ago', async () => {
    const { port } = await start({ maxSessions: 1, reclaimAfter: '1m' });
    const client = await TestClient.connect(port);
    const refused = await send(port, { body: initializeBody() });
    expect([refused.status, refused.headers['retry-after']]).toEqual([
      503,
      '5',
    ]);
    expect((await client.call('pid')).status).toBe(200);
  });

  it('finds places for as many as come at once', async () => {
    const { port, sessions } = await start({ maxSessions: 3 });
    const old = await Promise.all(
      [1, 2, 3].map(() => TestClient.connect(port)),
    );
    await quietFor(2 * QUIET_MS);
    const next = await Promise.all(
      [1, 2, 3].map(() => TestClient.connect(port)),
    );
    for (const client of next)
      expect((await client.call('pid')).status).toBe(200);
    expect(sessions.size).toBe(3);
    await waitFor(() => !old.some(({ pid }) => isAlive(pid)));
  });
});
