import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import { send, TestClient } from '../__testUtils__/client';
import { Issuer } from '../__testUtils__/tokens';
import { UsageCounts, UsageReport } from './UsageCounts';

const sumOf = ({ usage }: UsageReport) =>
  usage.reduce((sum, { calls }) => sum + calls, 0);

describe('counts of calls', () => {
  it('are bounded, and lose no call', () => {
    const counts = new UsageCounts();
    for (let n = 0; n < 500; n++) counts.called('one', `tool${n}`);
    for (let n = 0; n < 12_000; n++) counts.called(`p${n}`, 'tool');
    counts.called('late', 'x'.repeat(1000));
    const report = counts.collect();
    expect(sumOf(report)).toBe(12_501);
    expect(report.usage.length).toBeLessThanOrEqual(10_002);
    expect(
      report.usage.filter(({ principal }) => principal === 'one').length,
    ).toBe(201);
    expect(JSON.stringify(report)).not.toContain('xxxx');
  });

  it('are waited for by a collector that comes regularly, until it has them', () => {
    const counts = new UsageCounts();
    counts.called('a', 'b');
    expect(counts.awaited).toBe(false); // nobody has ever asked
    counts.collect();
    expect(counts.awaited).toBe(false);
    counts.called('a', 'b');
    expect(counts.awaited).toBe(true);
    counts.collect();
    expect(counts.awaited).toBe(false);
  });
});

describe('/usage', () => {
  let bridge: Bridge;
  let issuer: Issuer;
  const portal = () => issuer.bearer({ sub: 'plugin:mcp-cloud' });
  const ask = async (headers: Record<string, string>) =>
    send(bridge.adminPort, { method: 'GET', path: '/usage', headers });
  const collect = async () =>
    JSON.parse((await ask(await portal())).text) as UsageReport;

  beforeAll(async () => {
    issuer = await Issuer.create();
    bridge = await startBridge({ auth: issuer.auth() });
  });
  afterAll(() => bridge.stop());

  it('tells the portal, and nobody else, who called what how often and when', async () => {
    const before = Date.now();
    for (const sub of ['user:default/alice', 'user:default/bob']) {
      const client = await TestClient.connect(bridge.port, {
        headers: await issuer.bearer({ sub }),
      });
      await client.call('pid');
      await client.call('echo', { text: 'x' });
      await client.call('echo', { text: 'x' });
      await client.close();
    }
    expect((await ask({})).status).toBe(401);
    expect((await ask(await issuer.bearer())).status).toBe(403);
    const first = await collect();
    expect(
      first.usage.map(({ principal, tool, calls }) => [principal, tool, calls]),
    ).toEqual([
      ['user:default/alice', 'pid', 1],
      ['user:default/alice', 'echo', 2],
      ['user:default/bob', 'pid', 1],
      ['user:default/bob', 'echo', 2],
    ]);
    for (const { lastCallAt } of first.usage)
      expect(Date.parse(lastCallAt)).toBeGreaterThanOrEqual(before);
    // A collector that asks twice, or lost the first answer, counts nothing twice.
    expect(await collect()).toEqual(first);
    const { text } = await send(bridge.adminPort, {
      method: 'GET',
      path: '/metrics',
    });
    expect(text).not.toContain('alice');
  });

  it('is waited for when the replica shuts down, so that the last calls are not lost', async () => {
    const own = await startBridge({ auth: issuer.auth() });
    const question = {
      method: 'GET',
      path: '/usage',
      headers: await portal(),
    };
    await send(own.adminPort, question);
    const client = await TestClient.connect(own.port, {
      headers: await issuer.bearer(),
    });
    await client.call('pid');
    let drained = false;
    const drain = own.drain({ linger: false }).then(() => {
      drained = true;
    });
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(drained).toBe(false);
    const report = JSON.parse((await send(own.adminPort, question)).text);
    expect(sumOf(report as UsageReport)).toBe(1);
    await drain;
  });
});
