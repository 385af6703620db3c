import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureCommand } from './__testUtils__/bridge';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from './__testUtils__/client';
import { buildProgram, Program } from './__testUtils__/program';
import { isAlive, waitFor } from './__testUtils__/wait';

describe('mcp-bridge, the program', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-bridge-'));
  const bundle = join(dir, 'mcp-bridge.mjs');
  const ports = ['--port', '0', '--admin-port', '0', '--stop-grace', '500ms'];
  let program: Program | undefined;
  const start = (...args: string[]) => {
    program = new Program(bundle, args);
    return program;
  };

  beforeAll(async () => {
    await buildProgram(bundle);
  });
  afterEach(() => program?.signal('SIGKILL'));

  it('finishes what runs on SIGTERM, refuses new sessions meanwhile, and leaves no process', async () => {
    const running = start(...ports, '--auth', 'none', '--', ...fixtureCommand);
    const { port, adminPort } = await running.listening();
    await waitFor(
      async () =>
        (await send(adminPort, { method: 'GET', path: '/ready' })).status ===
        200,
    );
    const client = await TestClient.connect(port);
    const grandchild = Number(textOf(await client.call('grandchild')));
    const stream = await client.listen();
    const call = client.call('slow', { ms: 1500 });
    await waitFor(async () =>
      (await client.seen()).some(m => m.params?.name === 'slow'),
    );
    await waitFor(() => running.children().length === 2);
    const pids = [...running.children(), grandchild];

    running.signal('SIGTERM');
    await waitFor(
      async () =>
        (await send(adminPort, { method: 'GET', path: '/ready' })).status ===
        503,
    );
    const refused = await send(port, { body: initializeBody() });
    expect([refused.status, refused.headers['retry-after']]).toEqual([
      503,
      '1',
    ]);
    expect(textOf(await call)).toBe('slow');
    expect(await running.exited()).toBe(0);
    expect(stream.text).toContain('retry: ');
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('does not wait longer than the drain time for a call that never ends', async () => {
    const running = start(
      ...ports,
      '--auth',
      'none',
      '--drain',
      '300ms',
      '--',
      ...fixtureCommand,
    );
    const { port } = await running.listening();
    const client = await TestClient.connect(port);
    const call = client.call('never');
    await waitFor(async () =>
      (await client.seen()).some(m => m.params?.name === 'never'),
    );
    running.signal('SIGTERM');
    expect((await call).messages[0].error?.message).toContain('shutting down');
    expect(await running.exited()).toBe(0);
    expect(isAlive(client.pid)).toBe(false);
  });

  it("shows a server's stderr in its own log", async () => {
    const running = start(...ports, '--auth', 'none', ...fixtureCommand);
    const { port } = await running.listening();
    const client = await TestClient.connect(port);
    await client.call('stderr', { text: 'a line for people' });
    await waitFor(() =>
      running.log.some(({ msg }) => msg === 'a line for people'),
    );
    expect(
      running.log.find(({ msg }) => msg === 'a line for people')?.stream,
    ).toBe('child');
  });

  it('says in one line why it does not start', async () => {
    const running = start('--auth', 'none', '--host', '0.0.0.0', '--', 'x');
    expect(await running.exited()).toBe(1);
    expect(running.lines).toHaveLength(1);
    expect(running.lines[0]).toMatch(/^mcp-bridge: .*loopback/);
  });

  it('says so when its port is taken', async () => {
    const first = start(...ports, '--auth', 'none', '--', ...fixtureCommand);
    const { port } = await first.listening();
    const second = new Program(bundle, [
      '--port',
      String(port),
      '--admin-port',
      '0',
      '--auth',
      'none',
      '--',
      'x',
    ]);
    expect(await second.exited()).toBe(1);
    expect(second.lines.at(-1)).toContain(`cannot listen on 127.0.0.1:${port}`);
  });

  it('applies a ConfigMap that Kubernetes swaps, without dropping sessions, and keeps the old when the new is wrong', async () => {
    const mount = join(dir, 'mount');
    const swap = (name: string, text: string) => {
      mkdirSync(join(mount, name), { recursive: true });
      writeFileSync(join(mount, name, 'bridge.yaml'), text);
      symlinkSync(name, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    swap('..1', 'auth: { mode: none }\nlimits: { maxSessions: 1 }\n');
    symlinkSync(join('..data', 'bridge.yaml'), join(mount, 'bridge.yaml'));
    const running = start(
      ...ports,
      '--config',
      join(mount, 'bridge.yaml'),
      '--',
      ...fixtureCommand,
    );
    const { port, adminPort } = await running.listening();
    const status = async () =>
      JSON.parse(
        (await send(adminPort, { method: 'GET', path: '/status' })).text,
      );
    const { configHash } = await status();
    const client = await TestClient.connect(port);
    expect((await send(port, { body: initializeBody() })).status).toBe(503);

    swap('..2', 'auth: { mode: none }\nlimits: { maxSessions: 2 }\n');
    await waitFor(async () => (await status()).configHash !== configHash);
    expect((await TestClient.connect(port)).pid).not.toBe(client.pid);
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));

    const applied = (await status()).configHash;
    swap('..3', 'auth: { mode: none }\nlimits: { maxSessions: many }\n');
    await waitFor(async () => (await status()).configError !== undefined);
    expect(await status()).toMatchObject({
      configHash: applied,
      configError: expect.stringContaining('maxSessions'),
    });
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));
  });
});
