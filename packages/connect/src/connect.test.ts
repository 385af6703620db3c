import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge, configFrom } from '@mcp-cloud/bridge';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { build } from 'esbuild';
import { pino } from 'pino';
import { browse } from './__testUtils__/browser';

jest.setTimeout(60_000);

const server = join(__dirname, '__testUtils__', 'server.mjs');

/** A bridge over the server, as it would be hosted. */
async function host(port = 0): Promise<Bridge> {
  const config = configFrom({
    port,
    adminPort: 0,
    auth: { mode: 'none' },
    drain: '0s',
    logLevel: 'silent',
    command: [process.execPath, server],
  });
  const bridge = new Bridge(
    { config, hash: 'one', unknownKeys: [] },
    pino({ level: 'silent' }),
  );
  await bridge.start();
  return bridge;
}

describe('mcp-connect', () => {
  let dir: string;
  let program: string;
  let bridge: Bridge;
  let client: Client | undefined;
  let said = '';

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mcp-connect-'));
    program = join(dir, 'mcp-connect.mjs');
    await build({
      entryPoints: [join(__dirname, 'main.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
      },
      define: { CONNECT_VERSION: '"test"' },
    });
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  beforeEach(async () => {
    bridge = await host();
    said = '';
  });
  afterEach(async () => {
    await client?.close();
    client = undefined;
    await bridge.stop();
  });

  const urlOf = (port: number) => `http://127.0.0.1:${port}/mcp`;

  /** A client that knows only stdio. */
  async function connect(
    args: string[] = [urlOf(bridge.port)],
    env: Record<string, string> = {},
  ): Promise<Client> {
    client = new Client(
      { name: 'editor', version: '1' },
      { capabilities: { elicitation: {} } },
    );
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, ...args],
      env: { ...env, XDG_CONFIG_HOME: dir },
      stderr: 'pipe',
    });
    transport.stderr?.on('data', data => {
      said += data;
    });
    await client.connect(transport);
    return client;
  }
  const call = async (name: string): Promise<string> => {
    const result = await client!.callTool({ name, arguments: {} });
    return (result.content as Array<{ text: string }>)[0].text;
  };

  it('gives a stdio client the tools of a hosted server', async () => {
    await connect();
    expect(client!.getServerVersion()).toMatchObject({ name: 'hosted' });
    const { tools } = await client!.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'pid',
      'count',
      'ask',
      'wait',
    ]);
    expect(bridge.sessions.size).toBe(1);
  });

  it('passes progress, and questions to the client', async () => {
    await connect();
    const seen: number[] = [];
    await client!.callTool({ name: 'count', arguments: {} }, undefined, {
      onprogress: ({ progress }) => seen.push(progress),
    });
    expect(seen).toEqual([1, 2, 3]);
    client!.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { name: 'Ada' },
    }));
    expect(await call('ask')).toBe('accept Ada');
  });

  it('lets calls run side by side', async () => {
    await connect();
    const forever = client!.callTool({ name: 'wait', arguments: {} });
    forever.catch(() => {});
    expect(Number(await call('pid'))).toBeGreaterThan(0);
  });

  it('ends the session with the client', async () => {
    await connect();
    await client!.close();
    for (let i = 0; bridge.sessions.size > 0 && i < 200; i++)
      await new Promise(resolve => setTimeout(resolve, 25));
    expect(bridge.sessions.size).toBe(0);
  });

  it('opens a new session when the server has forgotten the old one', async () => {
    await connect();
    const before = await call('pid');
    const { port } = bridge;
    await bridge.stop();
    bridge = await host(port);
    expect(await call('pid')).not.toBe(before);
    expect(await Promise.all([call('pid'), call('pid')])).toHaveLength(2);
    expect(bridge.sessions.size).toBe(1);
  });

  it('answers what was under way when the server went with an error', async () => {
    await connect();
    const forever = client!.callTool({ name: 'wait', arguments: {} });
    const outcome = forever.catch((error: Error) => error.message);
    await call('pid');
    const { port } = bridge;
    await bridge.stop();
    bridge = await host(port);
    expect(await outcome).toMatch(/ended before its answer|shutting down/);
    expect(Number(await call('pid'))).toBeGreaterThan(0);
  });

  it('waits for a server that restarts', async () => {
    await connect();
    const { port } = bridge;
    await bridge.stop();
    const answer = call('pid');
    for (let i = 0; !said.includes('trying again') && i < 400; i++)
      await new Promise(resolve => setTimeout(resolve, 25));
    bridge = await host(port);
    expect(Number(await answer)).toBeGreaterThan(0);
  });

  it('sends the token and headers of the environment, and says nothing of them', async () => {
    const seen: Array<string | string[] | undefined> = [];
    const picky = createServer((req, res) => {
      seen.push(req.headers.authorization, req.headers['x-api-key']);
      res.writeHead(401, { 'content-type': 'application/json' });
      res.end(
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"The token has expired."}}',
      );
    });
    await new Promise<void>(resolve => picky.listen(0, '127.0.0.1', resolve));
    const { port } = picky.address() as AddressInfo;
    try {
      await expect(
        connect([urlOf(port), '--header', 'X-Api-Key: k-${KEY}'], {
          MCP_CONNECT_TOKEN: 'tok-7351',
          KEY: 'sec-9924',
        }),
      ).rejects.toThrow('The token has expired.');
    } finally {
      picky.close();
      picky.closeAllConnections();
    }
    expect(seen.slice(0, 2)).toEqual(['Bearer tok-7351', 'k-sec-9924']);
    expect(said).not.toMatch(/7351|9924/);
  });

  describe('in front of a server that asks for a sign-in', () => {
    /** Has the person sign in as soon as they are asked to. */
    async function signIn(): Promise<string> {
      for (let i = 0; i < 400; i++) {
        const [, page] = /Sign in to go on: (\S+)/.exec(said) ?? [];
        if (page) return browse(page);
        await new Promise(resolve => setTimeout(resolve, 25));
      }
      throw new Error(`nobody was asked: ${said}`);
    }

    it('lets the person sign in once, and keeps the tokens for them alone', async () => {
      const guarded = spawn(process.execPath, [
        join(__dirname, '__testUtils__', 'signInServer.mjs'),
        urlOf(bridge.port),
      ]);
      try {
        const [data] = await once(guarded.stdout, 'data');
        const url = String(data).trim();
        const [, page] = await Promise.all([connect([url]), signIn()]);
        expect(page).toContain('You can close this window');
        expect(Number(await call('pid'))).toBeGreaterThan(0);

        await client!.close();
        said = '';
        await connect([url]);
        expect(Number(await call('pid'))).toBeGreaterThan(0);
        expect(said).not.toContain('Sign in');

        const kept = join(dir, 'mcp-connect');
        const [file] = readdirSync(kept);
        // eslint-disable-next-line no-bitwise
        expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
      } finally {
        guarded.kill();
      }
    });
  });
});
