import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { TestAgent, withAgent } from '../../__testUtils__/agent';
import type { Bridge } from '../../bridge';
import { configFrom } from '../../config/load';
import type { Settings } from '../../config/flags';
import { httpServer, settings, startBridge } from '../../__testUtils__/bridge';
import { send, TestClient, textOf } from '../../__testUtils__/client';
import { GrpcSession, withGrpc } from '../../__testUtils__/grpcClient';
import type { GrpcEnd } from '../../grpc/GrpcEnd';
import { ModernClient } from '../../__testUtils__/modernClient';
import {
  event,
  json,
  message,
  ScriptedHttp,
} from '../../__testUtils__/scriptedHttp';
import { connectSdkClient } from '../../__testUtils__/sdkClient';
import { SocketClient } from '../../__testUtils__/socket';
import { Issuer } from '../../__testUtils__/tokens';
import { waitFor } from '../../__testUtils__/wait';

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

const count = (lines: readonly string[], line: string) =>
  lines.filter(one => one === line).length;

describe('a server that others reach past the bridge', () => {
  it.each(['0.0.0.0', '::'])(
    'is not served, until it listens on loopback alone: %s',
    async host => {
      const open = createServer((_, res) => res.end());
      await new Promise<void>(done => open.listen(0, host, done));
      const { port } = open.address() as AddressInfo;
      const upstream = `http://127.0.0.1:${port}/mcp`;
      const bridge = await startBridge(
        { upstream, command: [] },
        { ready: false },
      );
      const { supervisor } = bridge;
      await waitFor(() =>
        /listens on \S+:\d+, where it is reached past the bridge/.test(
          supervisor.readiness.reason ?? '',
        ),
      );
      await expect(TestClient.connect(bridge.port)).rejects.toThrow();

      open.closeAllConnections();
      await new Promise(done => open.close(done));
      const local = await ScriptedHttp.start({}, port);
      await waitFor(() => supervisor.readiness.ok);
      local.stop();
      await bridge.stop();
    },
  );
});

describe('a server that speaks HTTP, run by the bridge', () => {
  withAgent();
  let bridge: Bridge | undefined;
  const start = async (overrides: Settings = {}) => {
    bridge = await startBridge({ ...(await httpServer()), ...overrides });
    return bridge;
  };
  afterEach(() => bridge?.stop());

  it('is reached by every way in', async () => {
    let grpc: GrpcEnd | undefined;
    bridge = await startBridge(
      { ...(await httpServer()), grpcPort: 0 },
      {
        before: made => {
          grpc = withGrpc(made);
        },
      },
    );
    const { port } = bridge;
    const url = `http://localhost:${port}`;
    for (const transport of [
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`)),
      new SSEClientTransport(new URL(`${url}/sse`)),
    ]) {
      const client = await connectSdkClient(transport);
      const answer = await client.callTool({
        name: 'ask',
        arguments: { kinds: ['sample'] },
      });
      expect(JSON.stringify(answer)).toContain('sampled');
      await client.close();
    }
    const params = { name: 'echo', arguments: { value: 'hi' } };
    const socket = await SocketClient.connect(port);
    const overSocket = await socket.request('tools/call', params);
    expect(textOf({ messages: [overSocket] })).toBe('hi');
    socket.ws.close();
    const session = new GrpcSession(grpc?.port ?? 0);
    await session.initialize();
    session.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const overGrpc = await session.request('tools/call', params);
    expect(overGrpc.result.content[0].text).toBe('hi');
    session.close();
    const modern = await new ModernClient(port).call('echo', { value: 'hi' });
    expect(textOf(modern)).toBe('hi');
  });

  it('has a session for each session of the bridge, which ends with it', async () => {
    const { port, supervisor } = await start({ era: 'legacy' });
    const { stderr } = supervisor.journal;
    const begun = () => count(stderr, 'session begun');
    const ended = () => count(stderr, 'session ended');
    await waitFor(() => ended() === 1); // of the probe
    const clients = [
      await TestClient.connect(port),
      await TestClient.connect(port),
    ];
    expect(begun()).toBe(3);
    const { text } = await clients[0].call('pid');
    expect(text).toContain(String(clients[1].pid));
    await clients[0].close();
    await waitFor(() => ended() === 2);
    expect(textOf(await clients[1].call('echo', { value: 1 }))).toBe('1');
  });

  it('gets neither tokens nor other headers of clients, but those that are configured', async () => {
    const issuer = await Issuer.create();
    const { port, supervisor } = await start({
      auth: issuer.auth(),
      headerEnv: { 'X-Api-Key': 'API_KEY' },
    });
    const headers = {
      ...(await issuer.bearer()),
      cookie: 'secret',
      'x-api-key': 'of alice',
    };
    const { stderr } = supervisor.journal;
    stderr.length = 0;
    const client = await TestClient.connect(port, { headers });
    await client.call('echo', { value: 1 });
    await new ModernClient(port, headers).call(
      'where',
      { region: 'ö' },
      {
        headers: { 'mcp-param-region': '=?base64?w7Y=?=' },
      },
    );
    const seen = stderr.join('\n');
    expect(seen).toContain('mcp-param-region');
    // Credentials are taken out of what is kept of its output.
    expect(seen).not.toMatch(/secret|authorization|cookie/i);
    const wanted = stderr.filter(line => line.includes('"x-api-key"'));
    expect(wanted.length).toBeGreaterThan(4);
  });

  it('takes its sessions along when it dies, and serves the next when it is back', async () => {
    const { port, supervisor, adminPort } = await start();
    const client = await TestClient.connect(port);
    const waiting = client.call('wait');
    await waitFor(() => supervisor.journal.stderr.includes('waiting'));
    process.kill(client.pid, 'SIGKILL');
    expect((await waiting).text).toMatch(/SIGKILL|broke|answer/);
    await waitFor(async () => (await client.call('echo')).status === 404);
    expect(supervisor.readiness.reason).toContain('is not there');
    const status = await send(adminPort, { method: 'GET', path: '/status' });
    expect(status.text).toContain('"signal":"SIGKILL"');
    await waitFor(() => supervisor.readiness.ok);
    const next = await TestClient.connect(port);
    expect(next.pid).not.toBe(client.pid);
  });

  it('says why it does not start', async () => {
    const { upstream } = await httpServer();
    const fails = 'console.error("no database"); process.exit(3)';
    const command = [process.execPath, '-e', fails];
    bridge = await startBridge({ upstream, command }, { ready: false });
    const { supervisor, port } = bridge;
    const reason = () => supervisor.readiness.reason ?? '';
    await waitFor(() => reason().includes('code 3 (no database)'));
    await expect(TestClient.connect(port)).rejects.toThrow(/503.*code 3/s);
  });

  it('may be run by an agent in a container of its own', async () => {
    const agent = new TestAgent();
    const { port } = await start({ agent: agent.socket });
    const client = await TestClient.connect(port);
    expect(textOf(await client.call('echo', { value: 'far' }))).toBe('far');
    agent.signal('SIGKILL');
    await waitFor(async () => (await client.call('echo')).status === 404);
    // What the agent had started may outlive it for a moment.
    await waitFor(async () => {
      const next = await TestClient.connect(port).catch(() => undefined);
      return next !== undefined && next.pid !== client.pid;
    });
    await bridge?.stop();
    agent.stop();
  });

  it('ends with the bridge', async () => {
    const { port } = await start();
    const { pid } = await TestClient.connect(port);
    await bridge?.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('a server that speaks HTTP, run by somebody else', () => {
  let bridge: Bridge | undefined;
  let server: ScriptedHttp | undefined;
  const start = async (
    replies: Parameters<typeof ScriptedHttp.start>[0],
    overrides: Settings = {},
  ) => {
    server = await ScriptedHttp.start(replies);
    const upstream = server.url;
    bridge = await startBridge({ upstream, command: [], ...overrides });
    return TestClient.connect(bridge.port);
  };
  afterEach(async () => {
    await bridge?.stop();
    server?.stop();
  });
  const ask = (client: TestClient) =>
    client.post({ jsonrpc: '2.0', id: 1, method: 'x' });

  it('is asked in its session and its revision', async () => {
    const client = await start({
      x: (res, id) => json(res, { id, result: {} }),
    });
    expect((await ask(client)).messages).toMatchObject([{ id: 1, result: {} }]);
    const { headers } = server?.seen.find(one => one.method === 'x') ?? {};
    expect(headers).toMatchObject({
      'mcp-session-id': expect.stringMatching(/^session-/),
      'mcp-protocol-version': '2025-11-25',
      accept: 'application/json, text/event-stream',
    });
  });

  it('that knows a session no more ends it', async () => {
    const client = await start({ x: res => res.writeHead(404).end() });
    expect((await ask(client)).text).toContain('does not know the session');
    expect((await ask(client)).status).toBe(404);
    await TestClient.connect(client.port);
  });

  it.each<[string, Parameters<typeof ScriptedHttp.start>[0][string], string]>([
    [
      'an error that names no call',
      (res, _id) =>
        json(Object.assign(res, { statusCode: 400 }), {
          id: null,
          error: { code: -32000, message: 'no' },
        }),
      '"message":"no"',
    ],
    [
      'a status only',
      res => res.writeHead(500).end('oops'),
      '500 Internal Server Error',
    ],
    ['nothing', res => res.writeHead(202).end(), 'no answer'],
    ['no JSON', res => res.end('<html>'), 'no answer'],
    [
      'half a stream',
      res => {
        event(res, message({ method: 'x' }));
        res.end();
      },
      'without an answer',
    ],
    ['a broken connection', res => res.destroy(), 'broke'],
    ['too much', res => res.end('x'.repeat(300_000)), 'longer than the limit'],
    [
      'too long an event',
      res => {
        event(res, 'x'.repeat(300_000));
        res.end();
      },
      'longer than the limit',
    ],
  ])('that answers with %s fails the call only', async (_what, reply, said) => {
    const client = await start(
      { x: reply, y: (res, id) => json(res, { id, result: {} }) },
      { limits: { maxLine: '200kB' } },
    );
    expect((await ask(client)).text).toContain(said);
    const next = await client.post({ jsonrpc: '2.0', id: 2, method: 'y' });
    expect(next.messages).toMatchObject([{ id: 2, result: {} }]);
  });

  it('may end a stream and go on with it', async () => {
    let asked: unknown;
    const client = await start({
      x: (res, id) => {
        asked = id;
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.end('id: 7\nretry: 20\ndata:\n\n');
      },
      GET: (res, _id, req) => {
        if (req.headers['last-event-id'] !== '7') res.writeHead(405).end();
        else {
          event(res, message({ id: asked, result: { late: true } }));
          res.end();
        }
      },
    });
    expect((await ask(client)).text).toContain('"late":true');
  });

  it('says what belongs to no call on a stream of its own, also in batches', async () => {
    let opened = 0;
    const client = await start({
      GET: (res, _id, req) => {
        const note = (value: number) =>
          message({ method: 'notifications/x', params: { value } });
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write(
          `id: ${++opened}\nretry: 20\ndata: [${note(1)},${note(2)}]\n\n`,
        );
        if (req.headers['last-event-id'] === undefined) res.end();
      },
    });
    const stream = await client.listen();
    await waitFor(() => stream.messages.length >= 4);
    expect(stream.messages.slice(0, 2)).toMatchObject([
      { params: { value: 1 } },
      { params: { value: 2 } },
    ]);
    stream.abandon();
  });

  it('is told of a cancellation, and its reply is closed', async () => {
    let closed = false;
    const client = await start({
      x: res => {
        event(res, message({ method: 'notifications/begun' }));
        res.on('close', () => {
          closed = true;
        });
      },
    });
    const waiting = ask(client);
    await waitFor(
      () => server?.seen.some(({ method }) => method === 'x') ?? false,
    );
    await client.notify('notifications/cancelled', { requestId: 1 });
    expect((await waiting).text).toContain('-32800');
    await waitFor(() => closed);
    expect(
      server?.seen.some(({ method }) => method === 'notifications/cancelled'),
    ).toBe(true);
  });

  it('is waited for until it is there', async () => {
    server = await ScriptedHttp.start({});
    const { url } = server;
    server.stop();
    bridge = await startBridge(
      { upstream: url, command: [] },
      { ready: false },
    );
    const { supervisor, port } = bridge;
    await waitFor(() =>
      /not reached.*ECONNREFUSED/.test(supervisor.readiness.reason ?? ''),
    );
    await expect(TestClient.connect(port)).rejects.toThrow(/503.*not there/s);
  });
});

describe('what is configured', () => {
  it.each<[Settings, RegExp]>([
    [{ upstream: 'ftp://localhost/' }, /http or https URL/],
    [{ upstream: 'localhost:3000' }, /http or https URL/],
    [
      { upstream: 'http://me:secret@localhost/mcp' },
      /no user name or password/,
    ],
    [
      { upstream: 'http://10.0.0.1/mcp' },
      /10\.0\.0\.1 is not on this machine.*upstreamHosts/,
    ],
    [
      {
        upstream: 'http://there/mcp',
        upstreamHosts: ['there'],
        command: ['x'],
      },
      /cannot serve there/,
    ],
    [
      { upstream: 'http://localhost/mcp', agent: '/run/agent.sock' },
      /nothing to run/,
    ],
    [{}, /no server.*--upstream/],
  ])('is refused when it makes no sense: %j', (upstream, said) => {
    expect(() => configFrom(settings({ command: [], ...upstream }))).toThrow(
      said,
    );
  });

  it.each([
    { upstream: 'http://localhost:3000/mcp' },
    { upstream: 'http://[::1]:3000/mcp', command: ['serve'] },
    { upstream: 'https://there/mcp', upstreamHosts: ['there'] },
  ])('is taken: %j', upstream => {
    expect(configFrom(settings({ command: [], ...upstream }))).toMatchObject(
      upstream,
    );
  });
});
