import { mkdtempSync, writeFileSync } from 'node:fs';
import { IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  initializeBody,
  send,
  TestClient,
  textOf,
} from '../__testUtils__/client';
import { buildProgram, Program } from '../__testUtils__/program';
import {
  ADDRESSES,
  commonPort,
  RoundRobin,
  secretFile,
  startReplica,
} from '../__testUtils__/replicas';
import { SseClient } from '../__testUtils__/sse';
import { waitFor } from '../__testUtils__/wait';
import { dial } from './channel';
import { KeyRing } from './KeyRing';
import { readSecretFile } from './secretFile';

const AUDIENCE = '5b0a3c8e-0000-4000-8000-000000000001';
const [A, B, C] = ADDRESSES;

describe('three replicas behind one address', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-peers-'));
  const bundle = join(dir, 'mcp-bridge.mjs');
  const secret = secretFile();
  const service = new RoundRobin();
  const replicas = new Map<string, Program>();
  let port: number;
  let peersPort: number;
  const start = async (address: string, uid?: string) => {
    const common = { bundle, port, peersPort, secret };
    const program = await startReplica({ ...common, address, uid });
    replicas.set(address, program);
    return program;
  };
  /** From here on requests land there, one after the other. */
  const through = (...addresses: string[]) => {
    service.targets = addresses.map(host => ({ host, port }));
  };
  const sessionOn = async (address: string, options = {}) => {
    through(address);
    const client = await TestClient.connect(service.port, options);
    through(A, B, C);
    return client;
  };
  /** What a client hears of its session: the status, the code, and whether it came at once. */
  const outcome = async (client: TestClient) => {
    const begin = performance.now();
    const { status, messages } = await client.call('pid');
    const atOnce = performance.now() - begin < 1500;
    return [status, messages[0]?.error?.code, atOnce];
  };
  const GONE = [404, -32001, true];

  beforeAll(async () => {
    await buildProgram(bundle);
    await service.start();
    port = await commonPort();
    peersPort = await commonPort();
    await Promise.all(ADDRESSES.map(address => start(address)));
  });
  afterAll(() => {
    service.stop();
    for (const program of replicas.values()) program.signal('SIGKILL');
  });

  it('serve a session wherever its requests land', async () => {
    through(A, B, C);
    const clients = await Promise.all(
      [1, 2, 3, 4].map(() => TestClient.connect(service.port)),
    );
    for (const client of clients) {
      expect(client.headers['mcp-session-id'].length).toBeLessThan(400);
      for (let turn = 0; turn < 6; turn++)
        expect(textOf(await client.call('pid'))).toBe(String(client.pid));
    }
    const parallel = await Promise.all(
      clients.flatMap(client =>
        [...Array(10).keys()].map(async n => {
          const text = `${client.pid} ${n}`;
          return (
            textOf(await client.call('echo', { text }, { id: n })) === text
          );
        }),
      ),
    );
    expect(parallel).toEqual(Array(40).fill(true));
    await Promise.all(clients.map(client => client.close()));
  });

  it('stream a call and a GET through a replica that does not have the session, as it comes', async () => {
    const client = await sessionOn(A);
    through(B);
    const listening = await client.listen();
    through(C);
    const call = await client.start(
      'progress',
      { steps: 3, ms: 300 },
      { token: 't' },
    );
    await waitFor(() => call.messages.length >= 1);
    expect(call.ended).toBe(false);
    await waitFor(() => call.ended);
    expect(call.messages).toHaveLength(4);
    // With two calls running a log line belongs to neither, and goes to the GET stream.
    const calls = [client.start('slow', { ms: 600 }, { id: 'a' })];
    calls.push(client.start('log', { text: 'hear', ms: 300 }, { id: 'b' }));
    await waitFor(() =>
      listening.messages.some(message => message.params?.data === 'hear'),
    );
    await Promise.all(calls);
    const { lastEventId } = listening;
    listening.abandon();
    through(B, C);
    const again = await client.listen(lastEventId);
    expect(again.res.statusCode).toBe(200);
    again.abandon();
    await client.close();
  });

  it('pass the messages of HTTP+SSE on to where the stream is', async () => {
    through(A, B, C);
    const client = await SseClient.connect(service.port);
    for (let turn = 0; turn < 6; turn++) {
      const answer = await client.call('pid', {}, turn);
      expect(textOf({ messages: [answer] })).toBe(String(client.pid));
    }
    client.stream.abandon();
    await waitFor(
      async () =>
        (await client.post({ jsonrpc: '2.0', method: 'x' })).status === 404,
    );
    for (let turn = 0; turn < 3; turn++)
      expect((await client.post({ jsonrpc: '2.0', method: 'x' })).status).toBe(
        404,
      );
  });

  it('carry a large message over', async () => {
    const client = await sessionOn(A);
    through(B);
    const text = 'ü'.repeat(1_500_000);
    expect(textOf(await client.call('echo', { text }))).toBe(text);
    through(A, B, C);
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));
    await client.close();
  });

  it('end a session through another replica, and know it no more', async () => {
    const client = await sessionOn(A);
    through(B);
    expect((await client.close()).status).toBe(204);
    for (const address of [A, B, C]) {
      through(address);
      expect(await outcome(client)).toEqual(GONE);
    }
  });

  it('answer what was tampered with or made up by 404', async () => {
    const client = await sessionOn(A);
    const id = client.headers['mcp-session-id'];
    for (const other of [id.slice(0, -1), `B${id.slice(1)}`, 'x', 'ü']) {
      const headers = { ...client.headers, 'mcp-session-id': other };
      const liar = new TestClient(service.port, headers, 0);
      expect(await outcome(liar)).toEqual(GONE);
    }
    await client.close();
  });

  it('pass a request on once: a peer serves its own sessions and none of others', async () => {
    const client = await sessionOn(A);
    const ring = new KeyRing(readSecretFile(secret));
    const ask = async (address: string) => {
      const socket = await dial(address, peersPort, ring.current);
      return new Promise<number | undefined>((resolve, reject) => {
        const req = request(
          {
            createConnection: () => socket,
            method: 'GET',
            path: '/mcp',
            headers: {
              ...client.headers,
              host: 'localhost',
              accept: 'text/event-stream',
            },
          },
          (res: IncomingMessage) => {
            resolve(res.statusCode);
            socket.destroy();
          },
        );
        req.on('error', reject);
        req.end();
      });
    };
    expect(await ask(A)).toBe(200);
    expect(await ask(B)).toBe(404);
    await client.close();
  });

  it('still reach one that is draining', async () => {
    const client = await sessionOn(B);
    through(A);
    const slow = client.call('slow', { ms: 2500 }, { id: 'slow' });
    await waitFor(async () =>
      (await client.seen()).some(({ params }) => params?.name === 'slow'),
    );
    const draining = replicas.get(B)!;
    draining.signal('SIGTERM');
    await waitFor(async () => {
      const at = { host: B, body: initializeBody() };
      return (await send(port, at)).status === 503;
    });
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));
    expect(textOf(await slow)).toBe('slow');
    expect(await draining.exited()).toBe(0);
    expect(await outcome(client)).toEqual(GONE);
    await start(B);
    expect(await outcome(client)).toEqual(GONE); // another pod on its address
  });

  it('finish what they pass on before they go', async () => {
    const client = await sessionOn(A);
    through(B);
    const slow = client.call('slow', { ms: 1500 }, { id: 'slow' });
    through(A);
    await waitFor(async () =>
      (await client.seen()).some(({ params }) => params?.name === 'slow'),
    );
    const draining = replicas.get(B)!;
    draining.signal('SIGTERM');
    expect(textOf(await slow)).toBe('slow');
    expect(await draining.exited()).toBe(0);
    await start(B);
    await client.close();
  });

  it('say at once that a session is gone with its replica, or with its process', async () => {
    const client = await sessionOn(C);
    through(A);
    const listening = await client.listen();
    const call = await client.start(
      'progress',
      { steps: 100, ms: 50 },
      { token: 1 },
    );
    await waitFor(() => call.messages.length > 0);
    replicas.get(C)!.signal('SIGKILL');
    await waitFor(() => call.ended && listening.ended);
    expect(await outcome(client)).toEqual(GONE);
    through(B);
    expect(await outcome(client)).toEqual(GONE);
    // The container restarts: same pod, same address, and nothing of before.
    await start(C, 'the-same-pod');
    const before = await sessionOn(C);
    replicas.get(C)!.signal('SIGKILL');
    await replicas.get(C)!.exited();
    await start(C, 'the-same-pod');
    for (const address of [A, C]) {
      through(address);
      expect(await outcome(before)).toEqual(GONE);
    }
    through(A, B, C);
    expect((await sessionOn(C)).pid).not.toBe(before.pid);
  });
});

describe('three replicas with platform tokens', () => {
  it('bind a session to its principal over the hop, and its owner checks the token again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bridge-peers-'));
    const bundle = join(dir, 'mcp-bridge.mjs');
    await buildProgram(bundle);
    const [port, peersPort] = [await commonPort(), await commonPort()];
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const { x } = await exportJWK(pair.publicKey);
    const secret = secretFile();
    const now = Math.floor(Date.now() / 1000);
    const config = (notBefore: number) =>
      JSON.stringify({
        auth: {
          mode: 'platform',
          audience: AUDIENCE,
          keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k', x }],
          notBefore,
        },
      });
    const files = [A, B].map(address => {
      const path = join(dir, `${address}.yaml`);
      writeFileSync(path, config(0));
      return path;
    });
    const programs = await Promise.all(
      [A, B].map((address, at) =>
        startReplica({
          ...{ bundle, address, port, peersPort, secret },
          flags: ['--config', files[at]],
        }),
      ),
    );
    try {
      const tokenOf = async (sub: string, iat = now) => ({
        authorization: `Bearer ${await new SignJWT({ sub })
          .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
          .setIssuer('mcp-cloud')
          .setAudience(AUDIENCE)
          .setIssuedAt(iat)
          .setExpirationTime(now + 600)
          .sign(pair.privateKey)}`,
      });
      const alice = await tokenOf('user:default/alice', now - 60);
      const client = await TestClient.connect(port, { headers: alice });
      const onB = (headers: Record<string, string>) =>
        send(port, {
          host: B,
          headers: { ...client.headers, ...headers },
          body: client.callBody('pid'),
        });
      expect(textOf(await onB({}))).toBe(String(client.pid));
      const newer = await tokenOf('user:default/alice');
      expect(textOf(await onB(newer))).toBe(String(client.pid));
      expect((await onB(await tokenOf('user:default/bob'))).status).toBe(404);
      expect((await onB({ authorization: 'Bearer x' })).status).toBe(401);

      // Only the owner has heard yet that older tokens are void: it decides.
      writeFileSync(files[0], config(now - 30));
      await waitFor(async () => (await onB({})).status === 401);
      const refused = await onB({});
      expect(refused.headers['www-authenticate']).toContain('invalid_token');
      const own = { host: B, headers: alice, body: initializeBody() };
      expect((await send(port, own)).status).toBe(200);
      expect(textOf(await onB(newer))).toBe(String(client.pid));
    } finally {
      for (const program of programs) program.signal('SIGKILL');
    }
  });
});
