import {
  type ChannelCredentials,
  credentials,
  status as grpcStatus,
} from '@grpc/grpc-js';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import type { Bridge } from '../bridge';
import type { GrpcEnd } from '../grpc/GrpcEnd';
import { configFrom } from '../config/load';
import { settings, startBridge } from '../__testUtils__/bridge';
import { file, makeCertificate, put, tls } from '../__testUtils__/certificates';
import { GrpcSession, withGrpc } from '../__testUtils__/grpcClient';
import { initializeBody } from '../__testUtils__/client';
import { waitFor } from '../__testUtils__/wait';

describe('TLS', () => {
  const first = makeCertificate();
  let bridge: Bridge;

  const initialize = (options: object = {}) =>
    new Promise<{ status?: number; protocol: string | null }>(
      (resolve, reject) => {
        const req = request(
          {
            host: '127.0.0.1',
            servername: 'localhost',
            port: bridge.port,
            path: '/mcp',
            method: 'POST',
            agent: false,
            ca: first.cert,
            headers: {
              'content-type': 'application/json',
              accept: 'application/json, text/event-stream',
            },
            ...options,
          },
          res => {
            const protocol = (res.socket as TLSSocket).getProtocol();
            res.resume();
            res.on('end', () => resolve({ status: res.statusCode, protocol }));
          },
        );
        req.on('error', reject);
        req.end(initializeBody());
      },
    );

  afterEach(() => bridge.stop());

  it('serves clients over TLS 1.3 only, WebSockets too', async () => {
    put(first);
    bridge = await startBridge({ tls });
    expect(await initialize()).toEqual({ status: 200, protocol: 'TLSv1.3' });
    await expect(initialize({ maxVersion: 'TLSv1.2' })).rejects.toThrow();
    const ws = new WebSocket(
      `wss://localhost:${bridge.port}/mcp/stream`,
      'mcp',
      {
        ca: first.cert,
      },
    );
    await new Promise((resolve, reject) => {
      ws.on('open', resolve);
      ws.on('error', reject);
    });
    ws.close();
  });

  it('takes a new certificate without a restart, and keeps the old while half of a pair is there', async () => {
    put(first);
    bridge = await startBridge({ tls });
    const second = makeCertificate();
    const accepted = (ca: string) =>
      initialize({ ca }).then(
        ({ status }) => status === 200,
        () => false,
      );
    writeFileSync(file('tls.crt'), second.cert);
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(await accepted(first.cert)).toBe(true);
    writeFileSync(file('tls.key'), second.key);
    await waitFor(() => accepted(second.cert));
    expect(await accepted(first.cert)).toBe(false);
  });

  it('serves gRPC over TLS only, with the certificate that is in the files', async () => {
    put(first);
    let grpc: GrpcEnd | undefined;
    bridge = await startBridge(
      { tls, grpcPort: 0 },
      {
        before: made => {
          grpc = withGrpc(made);
        },
      },
    );
    const open: GrpcSession[] = [];
    const connect = (creds: ChannelCredentials) => {
      const session = new GrpcSession(grpc?.port ?? 0, '', creds);
      open.push(session);
      return session;
    };
    const trust = (ca: string) => credentials.createSsl(Buffer.from(ca));
    const session = connect(trust(first.cert));
    expect(await session.initialize()).toHaveProperty('result');
    const refused = { code: grpcStatus.UNAVAILABLE };
    const plain = connect(credentials.createInsecure());
    expect(await plain.ended()).toMatchObject(refused);

    const second = makeCertificate();
    put(second);
    await waitFor(async () => {
      const next = connect(trust(second.cert));
      const [answer] = await Promise.race([
        next.initialize().then(({ result }) => [result]),
        next.ended().then(() => []),
      ]);
      return answer !== undefined;
    });
    expect(await connect(trust(first.cert)).ended()).toMatchObject(refused);
    expect(await session.request('ping')).toHaveProperty('result');
    for (const one of open) one.close();
  });

  it('asks clients for a certificate when it has their authority', async () => {
    put(first);
    writeFileSync(file('ca.crt'), first.cert);
    bridge = await startBridge({
      tls: { ...tls, clientCa: file('ca.crt') },
    });
    expect((await initialize(first.client)).status).toBe(200);
    await expect(initialize()).rejects.toThrow();
    await expect(initialize(makeCertificate().client)).rejects.toThrow();
  });

  it('says what is wrong with the files', async () => {
    put(first);
    bridge = await startBridge();
    const start = (wrong: object) => startBridge({ tls: { ...tls, ...wrong } });
    await expect(start({ cert: file('none') })).rejects.toThrow(
      /tls\.cert.*none/,
    );
    writeFileSync(file('other.key'), makeCertificate().key);
    await expect(start({ key: file('other.key') })).rejects.toThrow('tls.key');
    expect(() => configFrom(settings({ tls: { cert: 'x' } }))).toThrow(
      'tls.key',
    );
  });
});
