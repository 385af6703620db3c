import { mkdtempSync } from 'node:fs';
import { createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAgent, withAgent } from '../../__testUtils__/agent';
import { startBridge } from '../../__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../../__testUtils__/client';
import { isAlive, waitFor } from '../../__testUtils__/wait';
import type { Bridge } from '../../bridge';
import type { Settings } from '../../config/flags';
import { encodeFrame, Kind, PROTOCOL_VERSION } from './frames';

describe('a bridge with an agent', () => {
  withAgent();
  let bridge: Bridge | undefined;
  let agent: TestAgent | undefined;
  const start = async (overrides: Settings = {}) => {
    agent = new TestAgent();
    bridge = await startBridge({ agent: agent.socket, ...overrides });
    return { ...bridge, ports: bridge, agent };
  };
  const ready = async (adminPort: number) => {
    const answer = await send(adminPort, { method: 'GET', path: '/ready' });
    return { status: answer.status, ...JSON.parse(answer.text) };
  };

  afterEach(async () => {
    await bridge?.stop();
    bridge = undefined;
    agent?.stop();
    agent = undefined;
  });

  it.each(['full', 'bridge-only'])(
    'fails all calls when the agent is killed, is not ready, and goes on with the next agent (handshake %s)',
    async handshake => {
      const { ports, agent: running } = await start({ handshake });
      const client = await TestClient.connect(ports.port);
      const other = await TestClient.connect(ports.port);
      const calls = [
        client.call('never', {}, { id: 1 }),
        client.call('never', {}, { id: 2 }),
        other.call('never', {}, { id: 1 }),
      ];
      const pending = () =>
        ports.supervisor.list().reduce((sum, child) => sum + child.pending, 0);
      await waitFor(() => pending() === 3);
      // So that there is no agent for a while, as while a container starts.
      running.signal('SIGSTOP');
      running.stop();
      for (const { messages } of await Promise.all(calls)) {
        expect(messages[0].error).toMatchObject({
          code: -32000,
          message: expect.stringContaining('its container has ended'),
          data: { reason: 'child_exited' },
        });
      }
      expect(await ready(ports.adminPort)).toMatchObject({
        status: 503,
        reason: expect.stringContaining('container'),
      });
      expect((await client.call('pid')).status).toBe(404);
      const refused = await send(ports.port, { body: initializeBody() });
      expect([refused.status, refused.headers['retry-after']]).toEqual([
        503,
        '1',
      ]);
    },
  );

  it('is ready again as soon as the agent is, and serves new sessions', async () => {
    const { ports, agent: running } = await start();
    const client = await TestClient.connect(ports.port);
    running.signal('SIGKILL');
    await waitFor(async () => (await client.call('pid')).status === 404);
    await waitFor(
      async () =>
        running.starts === 2 && (await ready(ports.adminPort)).status === 200,
    );
    const next = await TestClient.connect(ports.port);
    expect(textOf(await next.call('echo', { text: 'again' }))).toBe('again');
    expect(isAlive(client.pid)).toBe(false);
  });

  it('starts a process with the credentials of its session, which it does not print', async () => {
    const { ports } = await start({ headerEnv: { 'X-Api-Key': 'API_KEY' } });
    const headers = { 'x-api-key': 'key-of-alice' };
    const own = await TestClient.connect(ports.port, { headers });
    const other = await TestClient.connect(ports.port);
    const name = 'API_KEY';
    expect([
      textOf(await own.call('env', { name })),
      textOf(await other.call('env', { name })),
    ]).toEqual(['key-of-alice', 'undefined']);
    await own.call('stderr', { text: 'failed with key-of-alice!' });
    await waitFor(() =>
      ports.supervisor.journal.stderr.includes('failed with [redacted]!'),
    );
  });

  it('says that it waits when there is no agent, and takes the first that comes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mcp-agent-'));
    bridge = await startBridge(
      { agent: join(dir, 'agent.sock') },
      { ready: false },
    );
    const { supervisor, adminPort } = bridge;
    await waitFor(() => /ENOENT/.test(supervisor.readiness.reason ?? ''));
    expect(await ready(adminPort)).toMatchObject({ status: 503 });
  });

  it('closes the connection when it stops, and the agent ends with it', async () => {
    const { ports, agent: running } = await start();
    const client = await TestClient.connect(ports.port);
    await ports.stop();
    bridge = undefined;
    expect(isAlive(client.pid)).toBe(false);
    await waitFor(() => running.starts === 2);
  });

  it('passes on messages that are longer than the window, both ways', async () => {
    const { ports } = await start({ limits: { maxLine: '20MB' } });
    const client = await TestClient.connect(ports.port);
    const text = 'x'.repeat(3_000_000);
    expect(textOf(await client.call('echo', { text }))).toBe(text);
    expect(
      textOf(await client.call('giant', { bytes: 10_000_000 })),
    ).toHaveLength(10_000_000);
  });

  it('holds back for a server that does not read, and for nobody else', async () => {
    const { ports } = await start();
    const deaf = await TestClient.connect(ports.port);
    const other = await TestClient.connect(ports.port);
    await deaf.call('deaf', { ms: 1500 });
    const long = deaf.call('echo', { text: 'y'.repeat(2_000_000) });
    expect(textOf(await other.call('echo', { text: 'quick' }))).toBe('quick');
    expect(textOf(await long)).toHaveLength(2_000_000);
  });

  describe('that is none', () => {
    const hello = encodeFrame(Kind.hello, 0, Buffer.of(PROTOCOL_VERSION));
    let impostor: Server | undefined;
    afterEach(() => impostor?.close());

    it.each([
      ['closes', [], /--uid/],
      [
        'speaks another version',
        [encodeFrame(Kind.hello, 0, Buffer.of(99))],
        /version 99/,
      ],
      ['sends no frames', [Buffer.from('HTTP/1.1 200 OK\r\n\r\n')], /frame of/],
      [
        'sends what is no frame of its own',
        [hello, encodeFrame(Kind.open, 1, Buffer.alloc(0))],
        /container/,
      ],
      [
        'reports an end that is no JSON',
        [hello, encodeFrame(Kind.exit, 1, Buffer.from('{'))],
        /container/,
      ],
    ])('is left when it %s', async (_, frames, reason) => {
      const socket = join(
        mkdtempSync(join(tmpdir(), 'mcp-agent-')),
        'agent.sock',
      );
      let connections = 0;
      impostor = createServer(end => {
        connections++;
        end.on('error', () => {});
        if (frames.length === 0) end.destroy();
        // The last ones are about the first process that was asked for.
        else end.write(frames[0]);
        end.once('data', () => frames.slice(1).forEach(one => end.write(one)));
      }).listen(socket);
      bridge = await startBridge(
        { agent: socket, stopGrace: '100ms' },
        { ready: false },
      );
      const { supervisor } = bridge;
      await waitFor(() => connections > 1);
      await waitFor(() => reason.test(supervisor.readiness.reason ?? ''));
      expect(supervisor.readiness.ok).toBe(false);
    });
  });
});
