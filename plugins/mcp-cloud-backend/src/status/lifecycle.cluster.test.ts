import type { LogLine } from '@mcp-cloud/plugin-mcp-cloud-common';
import { testGuard, testServer } from '../__testUtils__/testServer';
import { PodLogs } from '../logs/PodLogs';
import { MetricsSampler } from '../metrics/MetricsSampler';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';

jest.setTimeout(240_000);

const ALICE = { subject: 'user:default/alice' };

describe('a server in a real cluster', () => {
  const { everything } = testImages();
  const input = testServer({ name: 'everything', image: everything });
  let rig: TestRig;
  let logs: PodLogs;
  let metrics: MetricsSampler;
  beforeAll(async () => {
    rig = await testRig('life');
    logs = new PodLogs({ clusters: rig.clusters });
    metrics = new MetricsSampler({
      clusters: rig.clusters,
      logger: rig.logger,
    });
    metrics.start();
  });
  afterAll(async () => {
    await metrics?.stop();
    await rig?.stop();
  });

  const ref = { id: input.id, name: 'everything' };
  it('is deployed, says what it waits for, and runs', async () => {
    const seen = new Set<string>();
    await rig.deploy(input);
    const status = await rig.statuses.waitFor(
      rig.desired(input),
      one => one.state === 'Running',
      {
        signal: AbortSignal.timeout(60_000),
        onStatus: one => seen.add(one.state),
      },
    );
    expect([...seen]).toEqual(['Deploying', 'Running']);
    expect(status).toMatchObject({
      reason: 'AllPodsReady',
      pods: { desired: 1, ready: 1, total: 1 },
    });
    const [pod] = rig.statuses.pods(rig.desired(input));
    expect(pod).toMatchObject({
      ready: true,
      state: 'Running',
      revision: 1,
      restarts: 0,
      memoryLimitBytes: 512 * 2 ** 20,
    });
    expect(
      rig.statuses
        .events(rig.desired(input))
        .some(event => event.reason === 'Started'),
    ).toBe(true);
  });

  it('is shaken hands with, through its Service and in its pod', async () => {
    const capabilities = await rig.gateway.handshake(
      rig.cluster,
      { ...ref, revision: 1 },
      AbortSignal.timeout(30_000),
    );
    expect(capabilities.protocolVersion).toBe('2025-11-25');
    expect(capabilities.tools.length).toBeGreaterThan(3);
    const [{ name }] = rig.statuses.pods(rig.desired(input));
    const report = await rig.gateway.report(
      rig.cluster,
      ref,
      name,
      AbortSignal.timeout(5_000),
    );
    expect(report).toMatchObject({
      ready: { ok: true },
      sessions: 0,
      draining: false,
    });
  });

  it('has three pods when it shall', async () => {
    const three = { ...input, replicas: 3 };
    await rig.deploy(three);
    const status = await rig.until(
      rig.desired(three, { operation: 'scale' }),
      one => one.state === 'Running',
      60_000,
    );
    expect(status.pods).toEqual({ desired: 3, ready: 3, total: 3 });
  });

  it('passes events on as they come, and ends when the token does', async () => {
    const url = await rig.serve(input, {
      ...ALICE,
      expiresAt: new Date(Date.now() + 4_000),
    });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'br',
    };
    const post = (body: object, session?: string) =>
      fetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          ...headers,
          ...(session ? { 'mcp-session-id': session } : {}),
        },
      });
    const opened = await post({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 't', version: '1' },
      },
    });
    expect(opened.headers.get('cache-control')).toBe('no-cache, no-transform');
    const session = opened.headers.get('mcp-session-id')!;
    await opened.text();
    expect(
      (
        await post(
          { jsonrpc: '2.0', method: 'notifications/initialized' },
          session,
        )
      ).status,
    ).toBe(202);
    const stream = await fetch(url, {
      headers: { accept: 'text/event-stream', 'mcp-session-id': session },
    });
    expect(stream.status).toBe(200);
    const begin = Date.now();
    await stream.text().catch(() => undefined);
    expect(Date.now() - begin).toBeLessThan(5_000);
    expect(
      (await post({ jsonrpc: '2.0', id: 2, method: 'ping' }, session)).status,
    ).toBe(401);
  });

  it('answers session ids that it did not give out by 404', async () => {
    const url = await rig.serve(input, ALICE);
    for (const session of ['mcp-other-abc-de.f00', 'nonsense', '../x']) {
      const answer = await fetch(url, {
        method: 'POST',
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': session,
        },
      });
      expect(answer.status).toBe(404);
    }
  });

  it('shows its log, merged and followed, and takes up new pods', async () => {
    const stop = new AbortController();
    const lines: LogLine[] = [];
    const following = (async () => {
      for await (const line of logs.follow(
        rig.cluster,
        ref,
        { tailLines: 5 },
        stop.signal,
      )) {
        lines.push(line);
      }
    })();
    const known = new Set(
      rig.statuses.pods(rig.desired(input)).map(pod => pod.name),
    );
    const restarted = {
      ...input,
      replicas: 3,
      restartedAt: new Date().toISOString(),
      revision: 2,
    };
    await rig.deploy(restarted);
    await rig.until(
      rig.desired(restarted, { operation: 'restart' }),
      status => status.state === 'Running',
      90_000,
    );
    // The old ones may still be finishing their calls.
    const fresh = rig.statuses
      .pods(rig.desired(restarted))
      .filter(pod => pod.state !== 'Terminating')
      .map(pod => pod.name);
    expect(fresh).toHaveLength(3);
    expect(fresh.some(name => known.has(name))).toBe(false);
    const deadline = Date.now() + 10_000;
    while (
      Date.now() < deadline &&
      !fresh.every(name => lines.some(line => line.pod === name))
    ) {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    stop.abort();
    await following;
    expect(
      fresh.filter(name => !lines.some(line => line.pod === name)),
    ).toEqual([]);
    expect(lines.every(line => line.at && !line.text.startsWith('{'))).toBe(
      true,
    );

    const tail = await logs.tail(
      rig.cluster,
      ref,
      { tailLines: 3 },
      AbortSignal.timeout(10_000),
    );
    expect(tail.length).toBeGreaterThan(0);
    await expect(
      logs.tail(
        rig.cluster,
        ref,
        { pod: 'kube-other' },
        AbortSignal.timeout(5_000),
      ),
    ).rejects.toThrow(/has no pod/);
  });

  it('still serves with its earlier revision when the next one does not come up', async () => {
    const bad = {
      ...input,
      replicas: 3,
      revision: 3,
      spec: {
        ...input.spec,
        image: everything.replace(/:[^:/]+$/, ':missing'),
      },
    };
    await rig.deploy(bad);
    const status = await rig.until(
      rig.desired(bad),
      one => one.state === 'Degraded',
      30_000,
    );
    expect(status).toMatchObject({
      reason: 'ImagePullFailed',
      servingRevision: 2,
      pods: { ready: 3 },
    });
    expect(status.message).toMatch(
      /^Revision 3 does not come up, revision 2 still serves\./,
    );
  });

  it('shows what its pods use', async () => {
    const deadline = Date.now() + 60_000;
    const view = () => metrics.view({ ...ref, cluster: 'test' });
    while (Date.now() < deadline && !view().samples.length) {
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    expect(view().unavailable).toBeUndefined();
    expect(view().samples[0].memoryBytes).toBeGreaterThan(2 ** 20);
    expect(view().limits.memoryBytes).toBeGreaterThanOrEqual(3 * 512 * 2 ** 20);
  });

  it('stops, and is deleted', async () => {
    const stopped = { ...input, replicas: 0, revision: 4 };
    const keys = await rig.deploy(stopped);
    const stop = rig.desired(stopped, {
      runState: 'stopped',
      operation: 'stop',
    });
    expect(
      (await rig.until(stop, status => status.state === 'Stopped', 60_000))
        .pods,
    ).toEqual({ desired: 0, ready: 0, total: 0 });
    const answer = await fetch(await rig.serve(stopped, ALICE), {
      method: 'POST',
      body: '{}',
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringContaining('no ready pod') },
    });
    await rig.delivery.remove(
      rig.cluster,
      { id: input.id },
      keys,
      testGuard(5),
      AbortSignal.timeout(60_000),
    );
  });
});
