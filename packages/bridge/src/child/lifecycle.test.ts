import { TestAgent, withAgent } from '../__testUtils__/agent';
import { startBridge } from '../__testUtils__/bridge';
import type { Bridge } from '../bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { isAlive, waitFor } from '../__testUtils__/wait';
import type { Settings } from '../config/flags';

describe.each(['the bridge', 'an agent'])('the life of processes of %s', by => {
  if (by === 'an agent') withAgent();
  let bridge: Bridge | undefined;
  let agent: TestAgent | undefined;
  const start = async (
    overrides: Settings = {},
    options?: { ready: boolean },
  ) => {
    if (by === 'an agent')
      agent = new TestAgent({ env: { OF_THE_IMAGE: '1' } });
    bridge = await startBridge({ ...overrides, agent: agent?.socket }, options);
    return bridge;
  };
  const status = async (port: number) =>
    JSON.parse((await send(port, { method: 'GET', path: '/status' })).text);

  afterEach(async () => {
    await bridge?.stop();
    bridge = undefined;
    agent?.stop();
    agent = undefined;
  });

  it('fails every pending call at once when the process is killed, ends the session, and serves the next', async () => {
    const { port, adminPort, supervisor } = await start();
    const client = await TestClient.connect(port);
    const calls = [1, 2, 3].map(id => client.call('never', {}, { id }));
    await waitFor(() => supervisor.list().some(child => child.pending === 3));
    process.kill(client.pid, 'SIGKILL');
    const answers = await Promise.all(calls);
    expect(answers.map(answer => answer.messages[0].error)).toMatchObject(
      [1, 2, 3].map(() => ({
        code: -32000,
        data: { reason: 'child_exited', signal: 'SIGKILL' },
      })),
    );
    expect((await client.call('pid')).status).toBe(404);
    const next = await TestClient.connect(port);
    expect(textOf(await next.call('pid'))).toBe(String(next.pid));
    const { lastExits } = await status(adminPort);
    expect(lastExits).toMatchObject([
      { pid: client.pid, code: null, signal: 'SIGKILL' },
    ]);
    const { text } = await send(adminPort, { method: 'GET', path: '/metrics' });
    expect(text).toMatch(/^mcp_child_restarts_total 1$/m);
  });

  it('tells exit code and last lines of stderr of a process that ended', async () => {
    const { port, adminPort } = await start();
    const client = await TestClient.connect(port);
    const { error } = (await client.call('exit', { code: 7 })).messages[0];
    expect(error?.message).toContain('exited with code 7');
    expect(error?.data).toMatchObject({ code: 7, stderr: ['going down'] });
    expect((await status(adminPort)).lastExits).toMatchObject([
      { code: 7, signal: null, stderr: ['going down'] },
    ]);
  });

  it('leaves no process of 200 abandoned sessions, open GET streams or not', async () => {
    const { port, supervisor, sessions } = await start({
      limits: { maxSessions: 200, sessionIdle: '3s' },
    });
    const pids: number[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const clients = await Promise.all(
        Array.from({ length: 10 }, async (_, n) => {
          const client = await TestClient.connect(port);
          if (n % 2 === 0) await client.listen();
          return client;
        }),
      );
      pids.push(...clients.map(client => client.pid));
    }
    expect(new Set(pids).size).toBe(200);
    await waitFor(() => sessions.size === 0 && supervisor.size <= 1);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 120_000);

  it('takes what a server has started along when its session ends', async () => {
    const { port } = await start();
    const client = await TestClient.connect(port);
    const grandchild = Number(textOf(await client.call('grandchild')));
    expect(isAlive(grandchild)).toBe(true);
    await client.close();
    await waitFor(() => !isAlive(client.pid) && !isAlive(grandchild));
  });

  it('takes what a server has started along when the server dies', async () => {
    const { port } = await start();
    const client = await TestClient.connect(port);
    const grandchild = Number(textOf(await client.call('grandchild')));
    process.kill(client.pid, 'SIGKILL');
    await waitFor(() => !isAlive(grandchild));
    expect(isAlive(client.pid)).toBe(false);
  });

  it('kills a process that heeds neither the end of stdin nor SIGTERM', async () => {
    const script = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); import(${JSON.stringify(
      `${__dirname}/../__testUtils__/fixtureServer.mjs`,
    )});`;
    const { port } = await start({
      command: [process.execPath, '--input-type=module', '-e', script],
    });
    const client = await TestClient.connect(port);
    await client.close();
    expect(isAlive(client.pid)).toBe(true);
    await waitFor(() => !isAlive(client.pid));
  });

  it('says why a server cannot start, is not ready, and answers new sessions with it', async () => {
    const script = 'console.error("no database"); process.exit(3)';
    const { port, adminPort, supervisor } = await start(
      { command: [process.execPath, '-e', script] },
      { ready: false },
    );
    await waitFor(() => /code 3/.test(supervisor.readiness.reason ?? ''));
    const ready = await send(adminPort, { method: 'GET', path: '/ready' });
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text).reason).toBe(
      "The server's process exited with code 3 before it answered initialize: no database",
    );
    const refused = await send(port, { body: initializeBody() });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.messages[0].error?.message).toContain('code 3');
    expect((await status(adminPort)).stderr).toContain('no database');
    expect(
      (await send(adminPort, { method: 'GET', path: '/health' })).status,
    ).toBe(200);
  });

  it('says so when there is no such command', async () => {
    const { supervisor } = await start(
      { command: ['/no/such/command'] },
      { ready: false },
    );
    await waitFor(() =>
      /could not be started/.test(supervisor.readiness.reason ?? ''),
    );
    expect(supervisor.readiness.ok).toBe(false);
  });

  it('is ready without a handshake when told that the bridge alone decides', async () => {
    const { adminPort } = await start(
      {
        handshake: 'bridge-only',
        command: [process.execPath, '-e', 'process.exit(3)'],
      },
      { ready: false },
    );
    const ready = async () =>
      (await send(adminPort, { method: 'GET', path: '/ready' })).status;
    // An agent has to be there first.
    if (agent) await waitFor(async () => (await ready()) === 200);
    expect(await ready()).toBe(200);
  });

  it('stays ready when every session is taken', async () => {
    const { port, adminPort } = await start({ limits: { maxSessions: 1 } });
    await TestClient.connect(port);
    expect((await send(port, { body: initializeBody() })).status).toBe(503);
    expect(
      (await send(adminPort, { method: 'GET', path: '/ready' })).status,
    ).toBe(200);
  });

  it('keeps its own variables from the server', async () => {
    process.env.MCP_BRIDGE_SECRET = 'hidden';
    process.env.OF_THE_BRIDGE = '1';
    process.env.OF_THE_IMAGE = '1';
    const { port } = await start();
    const client = await TestClient.connect(port);
    const env = async (name: string) =>
      textOf(await client.call('env', { name }));
    expect(await env('MCP_BRIDGE_SECRET')).toBe('undefined');
    expect(await env('OF_THE_IMAGE')).toBe('1');
    // At an agent they have the environment of its container, not of the bridge's.
    expect(await env('OF_THE_BRIDGE')).toBe(
      by === 'an agent' ? 'undefined' : '1',
    );
  });

  it('ends the session of a client that leaves before it was initialized', async () => {
    const script =
      'setInterval(() => {}, 1000); process.stdin.resume(); process.stdin.on("end", () => process.exit())';
    const { port, sessions, supervisor } = await start(
      { handshake: 'bridge-only', command: [process.execPath, '-e', script] },
      { ready: false },
    );
    await waitFor(() => supervisor.readiness.ok);
    const abandoned = new AbortController();
    const answer = fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: initializeBody(),
      signal: abandoned.signal,
    }).catch(() => 'left');
    await waitFor(() => sessions.size === 1);
    abandoned.abort();
    expect(await answer).toBe('left');
    await waitFor(() => sessions.size === 0);
  });
});
