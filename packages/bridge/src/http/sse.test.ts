import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import type { Bridge } from '../bridge';
import type { Settings } from '../config/flags';
import { change, startBridge } from '../__testUtils__/bridge';
import { send, TestClient, textOf } from '../__testUtils__/client';
import { metric } from '../__testUtils__/metric';
import { SseClient } from '../__testUtils__/sse';
import { connectSdkClient } from '../__testUtils__/sdkClient';
import { Issuer, unixNow } from '../__testUtils__/tokens';
import { isAlive, waitFor } from '../__testUtils__/wait';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

describe('HTTP+SSE', () => {
  let bridge: Bridge;
  const start = async (overrides: Settings = {}) => {
    bridge = await startBridge(overrides);
    return bridge.port;
  };
  afterEach(() => bridge.stop());

  it("serves the SDK's client, its requests and those of the server", async () => {
    const port = await start();
    const client = await connectSdkClient(
      new SSEClientTransport(new URL(`http://127.0.0.1:${port}/sse`)),
    );
    expect(client.getServerVersion()?.name).toBe('fixture');
    const progress: number[] = [];
    await client.callTool(
      { name: 'progress', arguments: { steps: 3, ms: 200 } },
      undefined,
      { onprogress: at => progress.push(at.progress) },
    );
    // The SDK forgets the listener when the answer comes right behind the last one.
    expect(progress.slice(0, 2)).toEqual([1, 2]);
    const sampled = await client.callTool({ name: 'sample' });
    expect(JSON.stringify(sampled)).toContain('sampled');
    await client.close();
    await waitFor(() => bridge.sessions.size === 0);
  });

  it('names a place to post to that nobody can guess, and answers on the stream', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    expect(client.stream.res.headers['content-type']).toBe('text/event-stream');
    expect(client.endpoint).toMatch(/^\/messages\?sessionId=[\w-]{32,}$/);
    const accepted = await client.post({ ...PING, id: 'p' });
    expect([accepted.status, accepted.text]).toEqual([202, '']);
    expect(await client.answerTo('p')).toMatchObject({ result: {} });
    expect(textOf({ messages: [await client.call('pid')] })).toBe(
      String(client.pid),
    );
    expect(
      await metric(
        bridge.adminPort,
        'mcp_requests_total{method="tools/call",status="ok",endpoint="/sse"}',
      ),
    ).toBe(1);
  });

  it('ends the session, its calls and its process with the stream', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    await client.post({
      ...PING,
      method: 'tools/call',
      params: { name: 'never' },
    });
    await waitFor(() => bridge.sessions.pendingCount === 1);
    client.stream.abandon();
    await waitFor(() => !isAlive(client.pid));
    expect([bridge.sessions.size, bridge.sessions.pendingCount]).toEqual([
      0, 0,
    ]);
    expect((await client.post(PING)).status).toBe(404);
    await waitFor(() => bridge.supervisor.size === 1); // the spare
  });

  it('ends the stream with the process, after the errors of its calls', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    const answer = await client.call('exit', { code: 3 });
    expect(answer.error?.message).toContain('exited with code 3');
    await waitFor(() => client.stream.ended);
    expect(client.stream.text).toMatch(/retry: \d+\n\n$/);
  });

  it('bears a second stream, and one that comes back, each with a session of its own', async () => {
    const port = await start();
    const first = await SseClient.connect(port);
    const second = await SseClient.connect(port);
    expect(second.pid).not.toBe(first.pid);
    first.stream.abandon();
    const back = await SseClient.connect(port);
    for (const client of [second, back])
      expect(textOf({ messages: [await client.call('pid')] })).toBe(
        String(client.pid),
      );
    expect(bridge.supervisor.journal.deaths).toBe(0);
  });

  it('tells a client that goes on over a new stream as if it were the old one', async () => {
    const port = await start();
    const client = await SseClient.open(port);
    const refused = await client.post({ ...PING, method: 'tools/list' });
    expect(refused.status).toBe(400);
    expect(refused.messages[0]).toMatchObject({ error: { code: -32600 } });
    expect(refused.text).toContain('begin with an initialize request');
    expect((await client.post(PING)).status).toBe(202);
  });

  it('lives on when a client leaves in the middle of what it is sent', async () => {
    const port = await start();
    const bystander = await SseClient.connect(port);
    for (let round = 0; round < 5; round++) {
      const client = await SseClient.connect(port);
      await client.post({
        ...PING,
        method: 'tools/call',
        params: { name: 'flood', arguments: { count: 500, bytes: 10_000 } },
      });
      await waitFor(() => client.stream.text.length > 20_000);
      client.stream.abandon();
    }
    await waitFor(() => bridge.sessions.size === 1);
    expect(textOf({ messages: [await bystander.call('pid')] })).toBe(
      String(bystander.pid),
    );
  });

  it('keeps a quiet stream alive with comments', async () => {
    const port = await start({ limits: { keepAlive: '20ms' } });
    const client = await SseClient.connect(port);
    await waitFor(
      () => client.stream.text.split(': keep-alive\n\n').length > 5,
    );
    expect(textOf({ messages: [await client.call('pid')] })).toBe(
      String(client.pid),
    );
  });

  it('ends a session that is idle, though its stream is open', async () => {
    const port = await start({ limits: { sessionIdle: '300ms' } });
    const client = await SseClient.connect(port);
    await waitFor(() => !isAlive(client.pid));
    expect(client.stream.ended).toBe(true);
  });

  it('cuts a reader that takes nothing, and its session with it', async () => {
    const port = await start({ limits: { maxQueue: '200kB' } });
    const client = await SseClient.connect(port);
    client.stream.res.pause();
    await client.post({
      ...PING,
      method: 'tools/call',
      params: { name: 'flood', arguments: { count: 200, bytes: 100_000 } },
    });
    await waitFor(() => bridge.sessions.size === 0);
    expect(
      await metric(
        bridge.adminPort,
        'mcp_rejected_total{reason="slow_reader"}',
      ),
    ).toBe(1);
    client.stream.abandon();
  });

  it('has the limits of every other end', async () => {
    const port = await start({
      limits: { maxSessions: 1, maxPending: 1, maxBody: '10kB' },
    });
    const client = await SseClient.connect(port);
    const second = await send(port, { method: 'GET', path: '/sse' });
    expect([second.status, second.headers['retry-after']]).toEqual([503, '5']);
    const long = await client.postText(
      JSON.stringify({ ...PING, params: { text: 'x'.repeat(20_000) } }),
    );
    expect(long.status).toBe(413);
    await client.post({
      ...PING,
      method: 'tools/call',
      params: { name: 'never' },
    });
    const busy = await client.post({ ...PING, id: 2 });
    expect([busy.status, busy.messages[0].id]).toEqual([429, 2]);
  });

  it.each([
    ['GET', '/messages', {}, 405],
    ['POST', '/sse', {}, 405],
    ['GET', '/sse', { accept: 'application/json' }, 406],
    ['GET', '/sse', { host: 'evil.example' }, 403],
    ['GET', '/sse', { origin: 'https://evil.example' }, 403],
    ['POST', '/messages', {}, 404],
    ['POST', '/messages?sessionId=nobody', {}, 404],
    ['POST', '/messages', { origin: 'https://evil.example' }, 403],
    ['POST', '/messages', { 'content-type': 'text/plain' }, 415],
  ])('refuses %s %s with %j', async (method, path, headers, status) => {
    const port = await start();
    const answer = await send(port, {
      method,
      path,
      headers: headers as Record<string, string>,
    });
    expect(answer.status).toBe(status);
    expect(bridge.sessions.size).toBe(0);
  });

  it('keeps the sessions of different ends apart', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    const id = client.endpoint.split('=')[1];
    const elsewhere = await send(port, {
      headers: { 'mcp-session-id': id },
      body: JSON.stringify(PING),
    });
    expect(elsewhere.status).toBe(404);
    const other = await TestClient.connect(port);
    const here = await send(port, {
      path: `/messages?sessionId=${other.headers['mcp-session-id']}`,
      body: JSON.stringify(PING),
    });
    expect(here.status).toBe(404);
  });

  it('refuses what is no message, or no JSON, with 400', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    for (const [text, code] of [
      ['hello', -32700],
      ['{"id":1}', -32600],
      ['[]', -32600],
    ] as const) {
      const answer = await client.postText(text);
      expect(answer.status).toBe(400);
      expect(answer.messages[0].error?.code).toBe(code);
    }
  });

  it('finishes what runs before it shuts down, and takes no new client', async () => {
    const port = await start();
    const client = await SseClient.connect(port);
    const slow = client.call('slow', { ms: 300 });
    await waitFor(() => bridge.sessions.pendingCount === 1);
    const drained = bridge.drain({ linger: false });
    expect((await send(port, { method: 'GET', path: '/sse' })).status).toBe(
      503,
    );
    expect(textOf({ messages: [await slow] })).toBe('slow');
    await drained;
    await waitFor(() => client.stream.ended);
    expect(client.stream.text).toMatch(/retry: \d+\n\n$/);
  });

  describe('with tokens', () => {
    let issuer: Issuer;
    beforeAll(async () => {
      issuer = await Issuer.create();
    });

    it('needs a good one for the stream and for each message, of the same principal', async () => {
      const port = await start({ auth: issuer.auth() });
      expect((await send(port, { method: 'GET', path: '/sse' })).status).toBe(
        401,
      );
      const client = await SseClient.connect(port, await issuer.bearer());
      const as = (headers: Record<string, string>) =>
        send(port, {
          path: client.endpoint,
          headers,
          body: JSON.stringify(PING),
        });
      expect((await as({})).status).toBe(401);
      const mallory = await issuer.bearer({ sub: 'user:default/mallory' });
      expect((await as(mallory)).status).toBe(404);
      const renewed = await issuer.bearer({ exp: unixNow() + 900 });
      expect((await as(renewed)).status).toBe(202);
    });

    it('ends the stream when its token is revoked, and no other', async () => {
      const port = await start({ auth: issuer.auth() });
      const [old, fresh] = [
        await SseClient.connect(
          port,
          await issuer.bearer({ iat: unixNow() - 100 }),
        ),
        await SseClient.connect(port, await issuer.bearer()),
      ];
      change(bridge, { auth: issuer.auth({ notBefore: unixNow() - 50 }) });
      await waitFor(() => old.stream.ended && !isAlive(old.pid));
      expect(textOf({ messages: [await fresh.call('pid')] })).toBe(
        String(fresh.pid),
      );
    });

    it('ends the stream when its token expires', async () => {
      const port = await start({
        auth: issuer.auth(),
        limits: { keepAlive: '50ms' },
      });
      // The clocks may differ by ten seconds.
      const client = await SseClient.connect(
        port,
        await issuer.bearer({ iat: unixNow() - 60, exp: unixNow() - 8 }),
      );
      await waitFor(() => !isAlive(client.pid));
      expect(client.stream.ended).toBe(true);
    });
  });
});
