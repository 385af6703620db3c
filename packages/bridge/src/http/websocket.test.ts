import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { connect } from 'node:net';
import type { Bridge } from '../bridge';
import type { Settings } from '../config/flags';
import { change, startBridge } from '../__testUtils__/bridge';
import { initializeBody, Message, send, textOf } from '../__testUtils__/client';
import { metric } from '../__testUtils__/metric';
import { shakeHands, SocketClient } from '../__testUtils__/socket';
import { connectSdkClient } from '../__testUtils__/sdkClient';
import { Issuer, unixNow } from '../__testUtils__/tokens';
import { isAlive, waitFor } from '../__testUtils__/wait';

const said = (message: Message) => textOf({ messages: [message] });

describe('WebSocket', () => {
  let bridge: Bridge;
  const start = async (overrides: Settings = {}) => {
    bridge = await startBridge(overrides);
    return bridge.port;
  };
  const rejected = (reason: string) =>
    metric(bridge.adminPort, `mcp_rejected_total{reason="${reason}"}`);
  const sessions = (size: number) =>
    waitFor(() => bridge.sessions.size === size);
  afterEach(() => bridge.stop());

  it("serves the SDK's client, its requests and those of the server", async () => {
    const port = await start();
    const client = await connectSdkClient(
      new WebSocketClientTransport(
        new URL(`ws://127.0.0.1:${port}/mcp/stream`),
      ),
    );
    expect(client.getServerVersion()?.name).toBe('fixture');
    const sampled = await client.callTool({ name: 'sample' });
    expect(JSON.stringify(sampled)).toContain('sampled');
    await client.close();
    await sessions(0);
  });

  it('gives every kind of id back as it was', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    const ids = [
      0,
      -1,
      1.5,
      '',
      '1',
      1,
      '__proto__',
      '"quoted"\\',
      '💡',
      9007199254740991,
    ];
    for (const id of ids) {
      const text = JSON.stringify(id);
      expect(said(await client.call('echo', { text }, id))).toBe(text);
    }
  });

  it('brings progress before the answer, and counts the call', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    await client.request(
      'tools/call',
      {
        name: 'progress',
        arguments: { steps: 3, ms: 1 },
        _meta: { progressToken: 'mine' },
      },
      'p',
    );
    const order = client.messages.slice(-4);
    expect(order.map(m => m.params?.progressToken ?? m.id)).toEqual([
      'mine',
      'mine',
      'mine',
      'p',
    ]);
    expect(
      await metric(
        bridge.adminPort,
        'mcp_requests_total{method="tools/call",status="ok",endpoint="/mcp/stream"}',
      ),
    ).toBe(1);
  });

  it('asks the client of the right socket, and takes the answer from no other', async () => {
    const port = await start();
    const [one, two] = [
      await SocketClient.connect(port),
      await SocketClient.connect(port),
    ];
    const asked = (client: SocketClient) =>
      client.messages.find(m => m.method === 'sampling/createMessage');
    const sampled = one.call('sample');
    await waitFor(() => asked(one) !== undefined);
    const { id } = asked(one) ?? {};
    two.send({ jsonrpc: '2.0', id, result: { by: 'two' } });
    await two.request('ping');
    one.send({ jsonrpc: '2.0', id, result: { by: 'one' } });
    expect(said(await sampled)).toBe('{"by":"one"}');
    expect(asked(two)).toBeUndefined();
  });

  it('cancels a call', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    const call = client.call('never', {}, 'n');
    client.send({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'n' },
    });
    expect((await call).error?.code).toBe(-32800);
  });

  it('ends the session, its calls and its process with the socket', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    client.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'never' },
    });
    await waitFor(() => bridge.sessions.pendingCount === 1);
    client.ws.terminate();
    await waitFor(() => !isAlive(client.pid));
    expect([bridge.sessions.size, bridge.sessions.pendingCount]).toEqual([
      0, 0,
    ]);
    await waitFor(() => bridge.supervisor.size === 1); // the spare
  });

  it('says with 1011 that the process has ended, after the errors of its calls', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    const answer = await client.call('exit', { code: 3 });
    expect(answer.error?.message).toContain('exited with code 3');
    expect(await client.end()).toEqual({
      code: 1011,
      reason: "The server's process exited with code 3",
    });
  });

  it('answers what is wrong with a message and goes on', async () => {
    const port = await start({ limits: { maxPending: 1 } });
    const client = await SocketClient.open(port);
    expect((await client.request('tools/list')).error?.message).toContain(
      'begin with an initialize request',
    );
    await client.request('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    });
    for (const [text, code] of [
      ['hello', -32700],
      ['', -32700],
      ['{"id":1}', -32600],
      ['[]', -32600],
      ['[{"jsonrpc":"2.0","method":"x"}]', -32600],
    ] as const) {
      const before = client.messages.length;
      client.sendText(text);
      await waitFor(() => client.messages.length > before);
      expect(client.messages.at(-1)).toMatchObject({
        id: null,
        error: { code },
      });
    }
    expect(
      (await client.request('initialize', {}, 'again')).error?.message,
    ).toContain('already initialized');
    const slow = client.call('slow', { ms: 300 });
    expect(await client.call('echo', { text: 'x' })).toMatchObject({
      id: 'echo',
      error: { data: { reason: 'pending' } },
    });
    expect(said(await slow)).toBe('slow');
  });

  it('takes batches in revision 2025-03-26', async () => {
    const port = await start();
    const client = await SocketClient.connect(port, { version: '2025-03-26' });
    client.send([
      { jsonrpc: '2.0', id: 'a', method: 'ping' },
      { jsonrpc: '2.0', id: 'b', method: 'ping' },
    ]);
    for (const id of ['a', 'b'])
      expect(await client.answerTo(id)).toMatchObject({ id, result: {} });
  });

  it.each([
    ['too long', 1009, 'body', Buffer.alloc(20_000, 'x').toString()],
    ['binary', 1003, 'protocol', Buffer.from('{}')],
  ])(
    'closes for a message that is %s with %s',
    async (_, code, reason, data) => {
      const port = await start({ limits: { maxBody: '10kB' } });
      const client = await SocketClient.connect(port);
      client.ws.send(data);
      expect((await client.end()).code).toBe(code);
      expect(await rejected(reason)).toBe(1);
      await waitFor(() => !isAlive(client.pid));
    },
  );

  it('holds a bounded part of unfinished messages, of all sockets together', async () => {
    const port = await start({ limits: { maxBody: '200kB' } });
    const clients: SocketClient[] = [];
    for (let i = 0; i < 40; i++) {
      const client = await SocketClient.open(port);
      client.ws.send('x'.repeat(190_000), { fin: false });
      clients.push(client);
    }
    await waitFor(() => clients.some(client => client.closed));
    expect(clients.find(client => client.closed)?.closed?.code).toBe(1013);
    expect(await rejected('memory')).toBeGreaterThan(0);
    for (const client of clients) client.ws.terminate();
    await sessions(0);
    const fine = await SocketClient.connect(port);
    expect(
      said(await fine.call('echo', { text: 'y'.repeat(150_000) })),
    ).toHaveLength(150_000);
  });

  it('lets a client wait whose server reads nothing, and loses nothing', async () => {
    const port = await start({ limits: { maxBody: '100kB', maxPending: 100 } });
    const client = await SocketClient.connect(port);
    await client.call('deaf', { ms: 1000 });
    const text = 'x'.repeat(90_000);
    const count = 80;
    for (let id = 0; id < count; id++)
      client.send({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'echo', arguments: { text } },
      });
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(bridge.sessions.pendingCount).toBeLessThan(20);
    for (let id = 0; id < count; id++)
      expect(said(await client.answerTo(id))).toHaveLength(text.length);
  });

  it('does not read on from a server while its reader is behind, and loses nothing', async () => {
    const port = await start({ limits: { maxQueue: '100MB' } });
    const client = await SocketClient.connect(port);
    const flood = client.call('flood', { count: 300, bytes: 100_000 });
    client.ws.pause();
    await new Promise(resolve => setTimeout(resolve, 500));
    client.ws.resume();
    await flood;
    expect(
      client.messages.filter(m => m.method === 'notifications/message'),
    ).toHaveLength(300);
  });

  it('cuts a reader that takes nothing', async () => {
    const port = await start({ limits: { maxQueue: '200kB' } });
    const client = await SocketClient.connect(port);
    client.ws.pause();
    client.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'flood', arguments: { count: 200, bytes: 100_000 } },
    });
    await sessions(0);
    expect(await rejected('slow_reader')).toBe(1);
    client.ws.terminate();
  });

  it('cuts a peer that answers no ping, and keeps one that does, though it is idle', async () => {
    const port = await start({
      limits: { keepAlive: '100ms', sessionIdle: '1s' },
    });
    const dead = await SocketClient.connect(port);
    const alive = await SocketClient.connect(port);
    dead.ws.pause();
    await waitFor(() => !isAlive(dead.pid));
    let pings = 0;
    alive.ws.on('ping', () => pings++);
    await waitFor(() => pings > 30);
    expect(said(await alive.call('pid'))).toBe(String(alive.pid));
    dead.ws.terminate();
  });

  it('finishes what runs before it shuts down, takes no new client, and says 1001', async () => {
    const port = await start();
    const client = await SocketClient.connect(port);
    const slow = client.call('slow', { ms: 300 });
    await waitFor(() => bridge.sessions.pendingCount === 1);
    const drained = bridge.drain({ linger: false });
    const refused = await shakeHands(port);
    expect([refused.status, refused.headers['retry-after']]).toEqual([
      503,
      '1',
    ]);
    expect(said(await slow)).toBe('slow');
    await drained;
    expect(await client.end()).toEqual({
      code: 1001,
      reason: 'The server is shutting down',
    });
  });

  it('refuses one socket too many with 503', async () => {
    const port = await start({ limits: { maxSessions: 1 } });
    const client = await SocketClient.connect(port);
    const refused = await shakeHands(port);
    expect([refused.status, refused.headers['retry-after']]).toEqual([
      503,
      '5',
    ]);
    expect(JSON.parse(refused.text).error.data.reason).toBe('sessions');
    client.ws.close();
    await sessions(0);
    expect((await shakeHands(port)).status).toBe(101);
  });

  it.each([
    ['a foreign host', { host: 'evil.example' }, 403],
    ['a foreign page', { origin: 'https://evil.example' }, 403],
    ['another version', { 'sec-websocket-version': '12' }, 426],
    ['no key', { 'sec-websocket-key': 'short' }, 400],
    ['another subprotocol', { 'sec-websocket-protocol': 'graphql-ws' }, 400],
  ])('refuses %s and takes no process for it', async (_, headers, status) => {
    const port = await start();
    const answer = await shakeHands(port, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      jsonrpc: '2.0',
      error: { message: expect.any(String) },
    });
    expect(bridge.sessions.size).toBe(0);
  });

  it('serves a client without a subprotocol', async () => {
    const port = await start();
    const client = await SocketClient.open(port, { protocols: [] });
    expect(client.ws.protocol).toBe('');
    expect(await client.request('ping')).toMatchObject({ result: {} });
  });

  it('serves requests that offer another upgrade as if they did not', async () => {
    const port = await start();
    const answer = await send(port, {
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAEAAEAAAAIAAAAA',
      },
      body: initializeBody(),
    });
    expect(answer.status).toBe(200);
    expect((await shakeHands(port, {}, '/mcp')).status).toBe(406);
    const plain = await send(port, { method: 'GET', path: '/mcp/stream' });
    expect([plain.status, plain.headers.upgrade]).toEqual([426, 'websocket']);
  });

  it('bears peers that break the protocol, or leave in the middle of it', async () => {
    const port = await start();
    const shake = `GET /mcp/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const unmasked = Buffer.from([0x81, 0x02, 0x7b, 0x7d]);
    const reserved = Buffer.from([0xf1, 0x80, 0, 0, 0, 0]);
    const badText = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff]);
    const half = Buffer.from([0x81, 0xfe, 0x10]);
    for (const frame of [unmasked, reserved, badText, half]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(shake);
      await sessions(1);
      socket.write(frame);
      if (frame === half) socket.destroy();
      await sessions(0);
      socket.destroy();
    }
    const gone = connect(port, '127.0.0.1');
    gone.on('error', () => {});
    gone.end(shake);
    const client = await SocketClient.connect(port);
    await sessions(1);
    expect(said(await client.call('pid'))).toBe(String(client.pid));
  });

  describe('with tokens', () => {
    let issuer: Issuer;
    beforeAll(async () => {
      issuer = await Issuer.create();
    });

    it('answers 401 to a handshake without a good one', async () => {
      const port = await start({ auth: issuer.auth() });
      const answer = await shakeHands(port);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
      expect(answer.text).toContain('Connect page');
      const inUrl = `/mcp/stream?token=${await issuer.token()}`;
      expect((await shakeHands(port, {}, inUrl)).status).toBe(401);
    });

    it.each(['authorization', 'mcp-cloud-authorization'])(
      'takes it from %s',
      async name => {
        const port = await start({ auth: issuer.auth() });
        const value = `Bearer ${await issuer.token()}`;
        expect((await shakeHands(port, { [name]: value })).status).toBe(101);
      },
    );

    it('takes it from the offered subprotocols, and never says it again', async () => {
      const port = await start({ auth: issuer.auth() });
      const client = await SocketClient.connect(port, {
        protocols: ['mcp', `bearer.${await issuer.token()}`],
      });
      expect(client.ws.protocol).toBe('mcp');
      const bad = await shakeHands(port, {
        'sec-websocket-protocol': 'mcp, bearer.nonsense',
      });
      expect(bad.status).toBe(401);
    });

    it('closes with 1008 when it is revoked, and no other socket', async () => {
      const port = await start({ auth: issuer.auth() });
      const old = await SocketClient.connect(port, {
        headers: await issuer.bearer({ iat: unixNow() - 100 }),
      });
      const fresh = await SocketClient.connect(port, {
        headers: await issuer.bearer(),
      });
      change(bridge, { auth: issuer.auth({ notBefore: unixNow() - 50 }) });
      expect(await old.end()).toEqual({
        code: 1008,
        reason: 'The token has expired or was revoked',
      });
      await waitFor(() => !isAlive(old.pid));
      expect(said(await fresh.call('pid'))).toBe(String(fresh.pid));
    });

    it('closes with 1008 when it expires', async () => {
      const port = await start({
        auth: issuer.auth(),
        limits: { keepAlive: '50ms' },
      });
      // The clocks may differ by ten seconds.
      const client = await SocketClient.connect(port, {
        headers: await issuer.bearer({
          iat: unixNow() - 60,
          exp: unixNow() - 8,
        }),
      });
      expect((await client.end()).code).toBe(1008);
    });
  });
});
