import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bridge } from '../bridge';
import { fixtureServer, startBridge } from '../__testUtils__/bridge';
import { initializeBody, send, TestClient } from '../__testUtils__/client';
import { waitFor } from '../__testUtils__/wait';
import { Backoff } from './backoff';

const serverUrl = JSON.stringify(fixtureServer);
const script = (text: string) => [
  process.execPath,
  '--input-type=module',
  '-e',
  text,
];

describe('a server that keeps failing', () => {
  let bridge: Bridge | undefined;
  const start = async (command: string[], overrides = {}) => {
    bridge = await startBridge({ command, ...overrides });
    return bridge;
  };
  afterEach(() => bridge?.stop());

  it('is started less and less often when it dies right after a good start', async () => {
    const { port, sessions, supervisor } = await start(
      script(
        `await import(${serverUrl}); process.stdin.on('data', d => { if (String(d).includes('"initialized-client"')) setTimeout(() => { console.error('no database'); process.exit(4); }, 50); });`,
      ),
    );
    const body = initializeBody().replace('"test"', '"initialized-client"');
    const waits: number[] = [];
    while (waits.length < 3) {
      const answer = await send(port, { body });
      if (answer.status === 200) {
        await waitFor(() => sessions.size === 0); // it has died
        continue;
      }
      const { error } = answer.messages[0];
      expect([answer.status, error?.data?.reason]).toEqual([503, 'backoff']);
      expect(error?.message).toContain('no database');
      waits.push(Number(answer.headers['retry-after']));
      await waitFor(() =>
        supervisor.list().some(({ state }) => state === 'spare'),
      );
    }
    expect(waits[2]).toBeGreaterThan(waits[0]);
  }, 60_000);

  it('is not kept from others by a call that it dies of', async () => {
    const { port } = await start(script(`await import(${serverUrl})`));
    for (let n = 0; n < 5; n++) {
      const client = await TestClient.connect(port);
      await client.call('exit', { code: 1 });
    }
    expect((await TestClient.connect(port)).pid).toBeGreaterThan(0);
  });

  it('gets initialize once more when the process that waited dies of it', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'bridge-')), 'marker');
    writeFileSync(marker, '');
    // Dies of its first message when it has waited, as with a connection that went stale.
    const { port, supervisor } = await start(
      script(
        `import { existsSync } from 'node:fs'; const begun = Date.now(); await import(${serverUrl}); process.stdin.prependListener('data', () => { if (Date.now() - begun > 400 && existsSync(${JSON.stringify(
          marker,
        )})) process.exit(5); });`,
      ),
    );
    const spare = supervisor.list().find(({ state }) => state === 'spare');
    await new Promise(resolve => setTimeout(resolve, 700));
    const client = await TestClient.connect(port);
    expect(client.pid).not.toBe(spare?.pid);
    expect(
      supervisor.journal.lastExits.map(({ pid, code }) => [pid, code]),
    ).toEqual([[spare?.pid, 5]]);
  });
});

describe('back-off', () => {
  it('doubles while it is only eased, and begins anew when all is well', () => {
    const backoff = new Backoff();
    const waits = [1, 2, 3].map(() => {
      const wait = backoff.failed();
      backoff.eased();
      expect(backoff.remaining).toBe(0);
      return wait;
    });
    backoff.succeeded();
    expect([...waits, backoff.failed()]).toEqual([500, 1000, 2000, 500]);
  });
});
