import { connect } from 'node:net';
import type { Bridge } from '../bridge';
import type { Settings } from '../config/flags';
import { startBridge } from '../__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { metric as metricOf } from '../__testUtils__/metric';
import { waitFor } from '../__testUtils__/wait';

describe('limits and refusals', () => {
  let bridge: Bridge | undefined;
  const start = async (overrides: Settings = {}) => {
    bridge = await startBridge(overrides);
    return bridge;
  };
  const metric = (name: string) => metricOf(bridge?.adminPort ?? 0, name);

  afterEach(async () => {
    await bridge?.stop();
    bridge = undefined;
  });

  it('refuses one session too many with 503 and Retry-After, and takes it when there is room again', async () => {
    const { port, supervisor } = await start({ limits: { maxSessions: 2 } });
    const clients = [
      await TestClient.connect(port),
      await TestClient.connect(port),
    ];
    const refused = await send(port, { body: initializeBody() });
    expect([
      refused.status,
      refused.headers['retry-after'],
      refused.messages[0].error?.data?.reason,
    ]).toEqual([503, '5', 'sessions']);
    await clients[0].close();
    await waitFor(() => supervisor.size < 3);
    expect((await TestClient.connect(port)).pid).toBeGreaterThan(0);
  });

  it('never has more processes than allowed', async () => {
    const { port, supervisor } = await start({
      limits: { maxSessions: 10, maxChildren: 2 },
    });
    await TestClient.connect(port);
    await TestClient.connect(port);
    const refused = await send(port, { body: initializeBody() });
    expect([refused.status, refused.messages[0].error?.data?.reason]).toEqual([
      503,
      'children',
    ]);
    expect(supervisor.size).toBe(2);
  });

  it('refuses one unanswered request too many with 429 and goes on after an answer', async () => {
    const { port } = await start({ limits: { maxPending: 2 } });
    const client = await TestClient.connect(port);
    const slow = [1, 2].map(id => client.call('slow', { ms: 500 }, { id }));
    await waitFor(() => bridge?.sessions.pendingCount === 2);
    const refused = await client.call('echo', { text: 'x' }, { id: 3 });
    expect([
      refused.status,
      refused.messages[0].id,
      refused.messages[0].error?.data?.reason,
    ]).toEqual([429, 3, 'pending']);
    await Promise.all(slow);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('x');
  });

  it.each([true, false])(
    'refuses a body that is too long with 413 (length announced: %s)',
    async announced => {
      const { port } = await start({ limits: { maxBody: '10kB' } });
      const client = await TestClient.connect(port);
      const body = client.callBody('echo', { text: 'x'.repeat(20_000) });
      const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: 'POST',
        headers: {
          ...client.headers,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: announced ? body : new Blob([body]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect(response.status).toBe(413);
      expect(await response.text()).toContain('10000 bytes');
      expect(textOf(await client.call('echo', { text: 'x' }))).toBe('x');
    },
  );

  it('fails the call of an answer that is too long and keeps the process', async () => {
    const { port } = await start({ limits: { maxLine: '100kB' } });
    const client = await TestClient.connect(port);
    const other = client.call('slow', { ms: 300 }, { id: 'other' });
    const answer = await client.call(
      'giant',
      { bytes: 200_000 },
      { id: 'giant' },
    );
    expect(answer.messages[0]).toMatchObject({
      id: 'giant',
      error: { data: { reason: 'line' } },
    });
    expect(textOf(await other)).toBe('slow');
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));
  });

  it('gives a call up after its time, and tells the server', async () => {
    const { port } = await start({ limits: { callTimeout: '1s' } });
    const client = await TestClient.connect(port);
    const answer = await client.call('never');
    expect(answer.messages[0].error).toMatchObject({
      code: -32001,
      data: { reason: 'timeout' },
    });
    expect(
      (await client.seen()).some(m => m.method === 'notifications/cancelled'),
    ).toBe(true);
  });

  it('cuts a reader that takes nothing, and goes on with the session', async () => {
    const { port } = await start({
      limits: { maxQueue: '200kB', maxReplay: '100kB' },
    });
    const client = await TestClient.connect(port);
    const slow = await client.start('flood', { count: 200, bytes: 100_000 });
    slow.res.pause();
    await waitFor(
      async () =>
        (await metric('mcp_rejected_total{reason="slow_reader"}')) === 1,
    );
    await waitFor(() => bridge?.sessions.pendingCount === 0);
    expect(textOf(await client.call('echo', { text: 'fine' }))).toBe('fine');
    slow.abandon();
  });

  it('does not read on from a server while its reader is behind, and loses nothing', async () => {
    const { port } = await start({ limits: { maxQueue: '100MB' } });
    const client = await TestClient.connect(port);
    const stream = await client.start('flood', { count: 300, bytes: 100_000 });
    stream.res.pause();
    await new Promise(resolve => setTimeout(resolve, 500));
    stream.res.resume();
    await waitFor(() => stream.ended);
    expect(stream.messages).toHaveLength(301);
  });

  it.each([
    [
      'a message without a session',
      {},
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      400,
    ],
    [
      'an unknown session',
      { 'mcp-session-id': 'nobody' },
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      404,
    ],
    ['no JSON', {}, 'hello', 400],
    ['no JSON-RPC', {}, '{"id":1}', 400],
    ['another content type', { 'content-type': 'text/plain' }, '{}', 415],
    [
      'a client that takes no streams',
      { accept: 'application/json' },
      '{}',
      406,
    ],
    ['a foreign host', { host: 'evil.example' }, '{}', 403],
    ['a foreign page', { origin: 'https://evil.example' }, '{}', 403],
  ])('refuses %s', async (_, headers, body, status) => {
    const { port } = await start();
    const answer = await send(port, {
      headers: headers as Record<string, string>,
      body,
    });
    expect(answer.status).toBe(status);
    expect(answer.messages[0]).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { message: expect.any(String) },
    });
  });

  it('names the revisions it speaks to a client of a newer one', async () => {
    const { port } = await start();
    const headers = {
      'mcp-protocol-version': '2031-01-01',
      'mcp-method': 'server/discover',
    };
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2031-01-01',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const answer = await send(port, {
      headers,
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'server/discover',
        params: { _meta },
      }),
    });
    expect(answer.status).toBe(400);
    expect(answer.messages[0]).toMatchObject({
      id: 1,
      error: {
        code: -32022,
        data: { supported: ['2026-07-28'], requested: '2031-01-01' },
      },
    });
  });

  it('refuses other methods and paths', async () => {
    const { port, adminPort } = await start();
    expect((await send(port, { method: 'PUT' })).status).toBe(405);
    expect((await send(port, { path: '/other' })).status).toBe(404);
    expect(
      (await send(adminPort, { method: 'GET', path: '/other' })).status,
    ).toBe(404);
    expect((await send(port, { method: 'GET', path: '/health' })).status).toBe(
      200,
    );
  });

  it.each([
    ['no HTTP at all\r\n\r\n', '400'],
    [`GET /health HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
  ])('answers what is no HTTP', async (bytes, status) => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('counts calls by method, tool and outcome, with bounded labels', async () => {
    const { port } = await start();
    const client = await TestClient.connect(port);
    await client.call('echo', { text: 'x' });
    await client.post({ jsonrpc: '2.0', id: 1, method: 'made/up' });
    expect(
      await metric(
        'mcp_requests_total{method="tools/call",status="ok",endpoint="/mcp"}',
      ),
    ).toBe(1);
    expect(
      await metric(
        'mcp_requests_total{method="other",status="ok",endpoint="/mcp"}',
      ),
    ).toBe(1);
    expect(
      await metric('mcp_tool_executions_total{tool_name="echo",status="ok"}'),
    ).toBe(1);
    expect(await metric('mcp_sessions_active')).toBe(1);
    expect(await metric('mcp_server_ready')).toBe(1);
    expect(await metric('mcp_memory_usage')).toBeGreaterThan(1e7);
  });
});
