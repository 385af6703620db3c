import type { Bridge } from '../bridge';
import { change, startBridge } from '../__testUtils__/bridge';
import { send, TestClient } from '../__testUtils__/client';
import { SocketClient } from '../__testUtils__/socket';
import { Issuer } from '../__testUtils__/tokens';
import { RateLimiter } from './RateLimiter';

describe('a token bucket for each principal', () => {
  const limit = { rate: 2, burst: 4 };

  it('lets a burst through, then as many as come with time', () => {
    const rates = new RateLimiter();
    const at = (now: number) => rates.take('a', 1, limit, now);
    expect([0, 0, 0, 0].map(at)).toEqual([0, 0, 0, 0]);
    expect(at(0)).toBe(0.5);
    expect([at(500), at(500)]).toEqual([0, 0.5]);
    expect([1e6, 1e6, 1e6, 1e6, 1e6].map(at)).toEqual([0, 0, 0, 0, 0.5]);
  });

  it('counts each principal alone, and a batch as what it holds', () => {
    const rates = new RateLimiter();
    expect(rates.take('a', 4, limit, 0)).toBe(0);
    expect(rates.take('a', 1, limit, 0)).toBe(0.5);
    expect(rates.take('b', 3, limit, 0)).toBe(0);
    expect(rates.take('b', 2, limit, 0)).toBe(0.5);
    expect(rates.take('c', 100, limit, 0)).toBe(0);
  });

  it('remembers a bounded number of principals', () => {
    const rates = new RateLimiter();
    for (let n = 0; n < 12_000; n++) rates.take(`p${n}`, 1, limit, n);
    expect(rates.size).toBe(10_000);
  });
});

describe('the limit of messages a second', () => {
  let bridge: Bridge;
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await Issuer.create();
    const auth = issuer.auth();
    bridge = await startBridge({ auth, limits: { rate: 0.01, burst: 4 } });
  });
  afterAll(() => bridge.stop());

  it('answers 429 with Retry-After, to the one who sends too much', async () => {
    const alice = await TestClient.connect(bridge.port, {
      headers: await issuer.bearer(),
    });
    expect((await alice.call('pid')).status).toBe(200);
    expect((await alice.call('pid')).status).toBe(200);
    const refused = await alice.call('pid');
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([
      429,
      expect.any(Number),
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused.messages[0].error?.data).toMatchObject({ reason: 'rate' });
    const { text } = await send(bridge.adminPort, {
      method: 'GET',
      path: '/metrics',
    });
    expect(text).toMatch(/^mcp_rejected_total\{reason="rate"\} 1$/m);

    const bob = await SocketClient.connect(bridge.port, {
      headers: await issuer.bearer({ sub: 'user:default/bob' }),
    });
    await bob.call('pid', {}, 1);
    await bob.call('pid', {}, 2);
    const over = await bob.call('pid', {}, 3);
    expect(over.error?.data).toMatchObject({ reason: 'rate' });
    bob.ws.close();

    change(bridge, { auth: issuer.auth() });
    expect((await alice.call('pid')).status).toBe(200);
  });
});
