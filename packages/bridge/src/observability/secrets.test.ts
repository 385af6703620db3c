import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { fixtureCommand } from '../__testUtils__/bridge';
import { initializeBody, send, TestClient } from '../__testUtils__/client';
import { buildProgram, Program } from '../__testUtils__/program';
import { SocketClient } from '../__testUtils__/socket';
import { waitFor } from '../__testUtils__/wait';
import { LOG_OPTIONS } from './logger';

const KEY = 'SECRET-static-key-0123456789';
const API_KEY = 'SECRET-of-one-user';
const WRONG = 'SECRET-that-opens-nothing';
const ARGUMENT = 'SECRET-argument';

describe('logs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-logs-'));
  const config = join(dir, 'bridge.yaml');
  let program: Program;
  let port: number;
  let adminPort: number;
  const headers = { authorization: `Bearer ${KEY}`, 'x-api-key': API_KEY };
  const configText = (hash: string) =>
    `auth: { mode: keys, staticKeys: [{ id: ci, hash: ${hash} }] }\nheaderEnv: { X-Api-Key: API_KEY }\nlogLevel: trace\n`;

  beforeAll(async () => {
    const bundle = join(dir, 'bridge.mjs');
    await buildProgram(bundle);
    writeFileSync(
      config,
      configText(createHash('sha256').update(KEY).digest('hex')),
    );
    program = new Program(bundle, [
      ...['--port', '0', '--admin-port', '0', '--config', config],
      ...['--', ...fixtureCommand],
    ]);
    ({ port, adminPort } = await program.listening());
  });
  afterAll(() => program.signal('SIGKILL'));

  it('show requests by id, and never a token, key, header, session id or argument', async () => {
    const client = await TestClient.connect(port, { headers });
    await client.call('echo', { text: ARGUMENT });
    await client.call('stderr', { text: `using ${API_KEY}` });
    await client.call('exit', { code: 1 });
    const refused = await send(port, {
      headers: { authorization: `Bearer ${WRONG}`, 'x-request-id': 'mine-1' },
      body: initializeBody(),
    });
    const made = await send(port, {
      headers: { authorization: `Bearer ${WRONG}`, 'x-request-id': '" no id' },
      body: initializeBody(),
    });
    await send(port, {
      path: `/messages?sessionId=${WRONG}`,
      headers,
      body: '{}',
    });
    const socket = await SocketClient.open(port, {
      headers: { 'x-api-key': API_KEY },
      protocols: ['mcp', `bearer.${KEY}`],
    });
    socket.sendText(`{"broken ${ARGUMENT}`);
    socket.ws.close();
    writeFileSync(config, `auth: { mode: keys, x: [${WRONG}\n  y: ${WRONG}`);
    const status = async () => {
      const path = '/status';
      return (await send(adminPort, { method: 'GET', path, headers })).text;
    };
    await waitFor(async () => (await status()).includes('configError'));
    writeFileSync(config, configText(WRONG));
    await waitFor(async () => (await status()).includes('staticKeys'));
    const metrics = await send(adminPort, { method: 'GET', path: '/metrics' });

    await waitFor(() =>
      program.log.some(({ msg }) => msg === 'request refused'),
    );
    expect(refused.headers['x-request-id']).toBe('mine-1');
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-/);
    const shown = [...program.lines, await status(), metrics.text].join('\n');
    expect(shown).toContain('"requestId":"mine-1"');
    expect(shown).toContain('using [redacted]');
    expect(shown).not.toContain('SECRET');
    expect(shown).not.toContain(client.headers['mcp-session-id']);
  });

  it('hide what has the name of a secret, should somebody log it', () => {
    const lines: string[] = [];
    const logger = pino(LOG_OPTIONS, { write: line => lines.push(line) });
    logger.info({ headers: { cookie: 'SECRET' }, token: 'SECRET' }, 'a');
    logger.info({ req: { headers: 'SECRET', authorization: 'SECRET' } }, 'b');
    expect(lines.join('')).not.toContain('SECRET');
    expect(lines.join('')).toContain('[redacted]');
  });
});
