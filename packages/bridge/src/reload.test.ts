import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureCommand } from './__testUtils__/bridge';
import {
  makeCertificate,
  put,
  tls,
  type Made,
} from './__testUtils__/certificates';
import { initializeBody, send } from './__testUtils__/client';
import { buildProgram, Program } from './__testUtils__/program';
import { Issuer } from './__testUtils__/tokens';
import { waitFor } from './__testUtils__/wait';

const SESSIONS = 100;

interface Answer {
  readonly status?: number;
  readonly session?: string;
  readonly text: string;
}

/** A client of a bridge over TLS. */
class TlsClient {
  private readonly agent: Agent;

  constructor(
    private readonly port: number,
    { cert }: Made,
    private readonly headers: object,
  ) {
    this.agent = new Agent({ ca: cert, keepAlive: true });
  }

  post(body: string, session?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = request(
        {
          agent: this.agent,
          host: 'localhost',
          port: this.port,
          path: '/mcp',
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...(session === undefined ? {} : { 'mcp-session-id': session }),
            ...this.headers,
          },
        },
        res => {
          let text = '';
          res.setEncoding('utf8');
          res.on('data', chunk => (text += chunk));
          res.on('end', () => {
            const id = res.headers['mcp-session-id'];
            const named = typeof id === 'string' ? id : undefined;
            resolve({ status: res.statusCode, session: named, text });
          });
        },
      );
      req.on('error', reject);
      req.end(body);
    });
  }

  open(): Promise<Answer> {
    return this.post(initializeBody());
  }

  echo(session: string, text: string): Promise<Answer> {
    const params = { name: 'echo', arguments: { text } };
    return this.post(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      session,
    );
  }

  close(): void {
    this.agent.destroy();
  }
}

// The program is built first, and a hundred sessions are opened and used several times.
jest.setTimeout(120_000);

describe('a changed configuration file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-bridge-reload-'));
  const file = join(dir, 'bridge.yaml');
  const bundle = join(dir, 'mcp-bridge.mjs');
  let program: Program | undefined;
  const clients: TlsClient[] = [];
  beforeAll(() => buildProgram(bundle));
  afterAll(() => {
    for (const client of clients) client.close();
    program?.signal('SIGKILL');
  });

  it(`applies to ${SESSIONS} open sessions, and loses none`, async () => {
    const [old, young] = [
      await Issuer.create('old'),
      await Issuer.create('young'),
    ];
    const before = makeCertificate();
    put(before);
    const settings = {
      tls,
      isolation: 'shared',
      logLevel: 'info',
      auth: old.auth(),
      limits: { maxSessions: SESSIONS },
    };
    const write = (changed: object) =>
      writeFileSync(file, JSON.stringify(Object.assign(settings, changed)));
    write({});
    const running = new Program(bundle, [
      ...['--port', '0', '--admin-port', '0', '--config', file],
      ...['--', ...fixtureCommand],
    ]);
    program = running;
    const { port, adminPort } = await running.listening();
    const connect = async (cert: Made, issuer: Issuer) => {
      const client = new TlsClient(port, cert, await issuer.bearer());
      clients.push(client);
      return client;
    };
    const first = await connect(before, old);
    await waitFor(async () => {
      const ready = { method: 'GET', path: '/ready' };
      return (await send(adminPort, ready)).status === 200;
    });
    const sessions: string[] = [];
    for (let n = 0; n < SESSIONS; n++)
      sessions.push((await first.open()).session ?? '');

    /** Every session still answers, with what it was asked. */
    const allAnswer = async (client: TlsClient) => {
      const answers = await Promise.all(
        sessions.map(session => client.echo(session, `of ${session}`)),
      );
      const right = answers.filter(({ text }, at) =>
        text.includes(`"of ${sessions[at]}"`),
      );
      expect(right).toHaveLength(SESSIONS);
    };
    await allAnswer(first);

    // Limits: one more session.
    expect((await first.open()).status).toBe(503);
    write({ limits: { maxSessions: SESSIONS + 1 } });
    await waitFor(async () => (await first.open()).status === 200);
    await allAnswer(first);

    // Keys: both, then the new one alone.
    const second = await connect(before, young);
    expect((await second.echo(sessions[0], '')).status).toBe(401);
    write({ auth: young.auth({ keys: [old.jwk, young.jwk] }) });
    await waitFor(
      async () => (await second.echo(sessions[0], '')).status === 200,
    );
    await allAnswer(first);
    write({ auth: young.auth() });
    await waitFor(
      async () => (await first.echo(sessions[0], '')).status === 401,
    );
    await allAnswer(second);

    // Certificates: new connections get the new one, those that are open stay.
    const after = makeCertificate();
    put(after);
    const third = await connect(after, young);
    await waitFor(async () =>
      third.echo(sessions[0], '').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    const late = await connect(before, young);
    await expect(late.echo(sessions[0], '')).rejects.toThrow(/certificate/);
    await allAnswer(second);
    await allAnswer(third);

    // The level of the log: requests have lines, and have none again.
    const served = () =>
      running.lines.filter(line => line.includes('"path":"/mcp"')).length;
    expect(served()).toBe(0);
    write({ logLevel: 'debug' });
    await waitFor(async () => {
      await third.echo(sessions[0], '');
      return served() > 0;
    });
    await allAnswer(third);
    await waitFor(() => served() > SESSIONS);
    write({ logLevel: 'warn' });
    await waitFor(async () => {
      const lines = served();
      await allAnswer(third);
      return served() === lines;
    });
    const status = await send(adminPort, {
      method: 'GET',
      path: '/health',
    });
    expect(JSON.parse(status.text)).toMatchObject({ sessions: SESSIONS + 1 });
  });
});
