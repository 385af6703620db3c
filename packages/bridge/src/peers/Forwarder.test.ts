import { randomBytes } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import {
  AddressInfo,
  createServer as createTcp,
  Server as TcpServer,
  Socket,
} from 'node:net';
import { createServer as createTls } from 'node:tls';
import { silent } from '../__testUtils__/bridge';
import { openStream, send } from '../__testUtils__/client';
import { waitFor } from '../__testUtils__/wait';
import { Refusal } from '../frames/errors';
import { BodyReader, MemoryBudget } from '../http/body';
import { createHttpServer, createPeerServer } from '../http/listen';
import { receiveOptions } from './channel';
import { Forwarder } from './Forwarder';
import { KeyRing } from './KeyRing';
import { PeerError } from './PeerError';

type Handler = Parameters<typeof createHttpServer>[0];

const ring = new KeyRing([randomBytes(32)]);
const MAX_BODY = 1000;
const bodies = new BodyReader(() => MAX_BODY, new MemoryBudget(() => MAX_BODY));
const stranger = new KeyRing([randomBytes(32)]);

describe('Forwarder', () => {
  const opened: { close(): void }[] = [];
  const sockets = new Set<Socket>();
  async function portOf(server: TcpServer) {
    opened.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }
  /** A server in front that passes all to the owner at a port. */
  async function front(ownerPort: number) {
    const failures: (PeerError | Refusal)[] = [];
    const forwarder = new Forwarder(ownerPort, bodies);
    opened.push(forwarder);
    const owner = { host: '127.0.0.1', key: ring.current };
    const server = createHttpServer(async (req, res) => {
      await forwarder
        .forward(req, res, owner)
        .catch((error: PeerError | Refusal) => {
          failures.push(error);
          const own = error instanceof Refusal ? error.status : 503;
          const gone = error instanceof PeerError && error.kind === 'gone';
          res.writeHead(gone ? 404 : own).end();
        });
    }, silent);
    return { port: await portOf(server), failures };
  }
  const owner = async (handler: Handler) =>
    portOf(
      createPeerServer(
        handler,
        silent,
        receiveOptions(() => ring),
      ),
    );
  const headers = { authorization: 'Bearer token-of-alice' };
  const body = '{"secret":"body"}';

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (const one of opened.splice(0)) one.close();
  });

  it('takes method, path, headers and body over, and the answer back, without what means one connection', async () => {
    const { port } = await front(
      await owner(async (req, res) => {
        let text = '';
        for await (const chunk of req) text += chunk;
        res.writeHead(207, { 'x-answer': 'yes', connection: 'close' });
        const { method, url } = req;
        res.end(JSON.stringify({ method, url, headers: req.headers, text }));
      }),
    );
    const answer = await send(port, {
      path: '/mcp?x=1',
      headers: {
        ...headers,
        host: 'mcp.example',
        connection: 'close, x-hop',
        'x-hop': '1',
        te: 'trailers',
      },
      body,
    });
    expect([answer.status, answer.headers['x-answer']]).toEqual([207, 'yes']);
    const seen = JSON.parse(answer.text);
    expect(seen).toMatchObject({ method: 'POST', url: '/mcp?x=1', text: body });
    expect(seen.headers).toMatchObject({ host: 'mcp.example', ...headers });
    expect(seen.headers).not.toHaveProperty('x-hop');
    expect(seen.headers).not.toHaveProperty('te');
  });

  it('uses a proven connection again', async () => {
    let connections = 0;
    const server = createPeerServer(
      async (_req, res) => void res.end('ok'),
      silent,
      receiveOptions(() => ring),
    );
    server.on('secureConnection', () => connections++);
    const { port } = await front(await portOf(server));
    for (let turn = 0; turn < 5; turn++)
      expect((await send(port, { headers, body })).text).toBe('ok');
    expect(connections).toBe(1);
  });

  it('holds nothing back, and tells either side when the other leaves', async () => {
    let write: (text: string) => void = () => {};
    let cut: () => void = () => {};
    let left = 0;
    const { port, failures } = await front(
      await owner(async (_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.flushHeaders();
        write = text => void res.write(text);
        cut = () => void res.destroy();
        res.on('close', () => left++);
      }),
    );
    const get = { method: 'GET', headers };
    const stream = await openStream(port, get);
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      write(text);
      await waitFor(() => stream.text.endsWith(text));
    }
    stream.abandon();
    await waitFor(() => left === 1);
    const other = await openStream(port, get);
    cut();
    await waitFor(() => other.ended);
    expect(other.res.complete).toBe(false);
    expect(failures).toEqual([]);
  });

  it('reads no faster than the client takes', async () => {
    let written = 0;
    let full = false;
    const { port } = await front(
      await owner(async (_req, res) => {
        const chunk = Buffer.alloc(256 * 1024);
        const more = () => {
          full = false;
          while (!full && written < 256 * 2 ** 20) {
            written += chunk.length;
            full = !res.write(chunk);
          }
        };
        res.on('drain', more);
        more();
      }),
    );
    const stream = await openStream(port, { method: 'GET' });
    stream.res.pause();
    let before = -1;
    // Until nothing has moved for a while.
    await waitFor(async () => {
      const moved = written !== before;
      before = written;
      await new Promise(resolve => setTimeout(resolve, 300));
      return !moved && full;
    });
    expect(written).toBeLessThan(64 * 2 ** 20);
    stream.res.resume();
    await waitFor(() => written > before);
    stream.abandon();
  });

  it('refuses a long body itself, said or not', async () => {
    let whole = 0;
    const { port } = await front(
      await owner(async (req, res) => {
        for await (const _ of req) whole += 0;
        whole++;
        res.end();
      }),
    );
    const long = { headers, body: 'x'.repeat(MAX_BODY + 1) };
    expect((await send(port, long)).status).toBe(413);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect((await send(port, { ...long, headers: chunked })).status).toBe(413);
    expect(whole).toBe(0);
    const longest = { headers: chunked, body: 'x'.repeat(MAX_BODY) };
    expect((await send(port, longest)).status).toBe(200);
    expect(whole).toBe(1);
  });

  it('gives up at once where nobody listens', async () => {
    const server = createTcp();
    const port = await portOf(server);
    await new Promise(done => server.close(done));
    const { port: at, failures } = await front(port);
    expect((await send(at, { headers, body })).status).toBe(404);
    expect(failures[0]).toMatchObject({ kind: 'gone' });
  });

  it('calls an owner gone that goes while it is asked', async () => {
    const { port, failures } = await front(
      await owner(async (_req, res) => void res.destroy()),
    );
    expect((await send(port, { headers, body })).status).toBe(404);
    expect(failures[0]).toMatchObject({ kind: 'gone' });
  });

  describe('tells an impostor nothing', () => {
    const received: Buffer[] = [];
    const tapped = (socket: Socket) =>
      socket.on('data', data => received.push(data)).on('error', () => {});
    /** What the client is told, and what of the request was seen on the wire. */
    const outcome = async (impostor: number) => {
      const { port, failures } = await front(impostor);
      const { status } = await send(port, { headers, body });
      const bytes = Buffer.concat(received);
      const types = new Set<number>();
      for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
        types.add(bytes[at]);
      const words = ['POST', '/mcp', 'token-of-alice', 'secret', 'body'];
      return {
        status,
        failures: failures.length,
        seen: words.filter(word => bytes.includes(word)),
        handshake: types.has(22),
        data: types.has(23),
      };
    };
    const told = (status: number) => ({
      status,
      failures: 1,
      seen: [],
      // Records of the handshake, and never one with data.
      handshake: true,
      data: false,
    });
    beforeEach(() => void received.splice(0));

    it('that speaks plain HTTP', async () => {
      const server = createHttp((_req, res) => res.end('hello'));
      server.on('connection', tapped);
      expect(await outcome(await portOf(server))).toEqual(told(404));
    });

    it.each(['the key of another server', 'every key id, with one of its own'])(
      'that has %s',
      async kind => {
        let secured = 0;
        const { psk } = stranger.current;
        const server = createTls({
          ...receiveOptions(() => stranger),
          ...(kind.startsWith('every') ? { pskCallback: () => psk } : {}),
        });
        server.on('secureConnection', () => secured++);
        server.on('tlsClientError', () => {});
        const tls = await portOf(server);
        // The bytes as they are on the wire.
        const relay = createTcp(socket => {
          tapped(socket);
          const on = new Socket().connect(tls, '127.0.0.1');
          socket.pipe(on).pipe(socket);
          on.on('error', () => socket.destroy());
        });
        expect(await outcome(await portOf(relay))).toEqual(told(404));
        expect(secured).toBe(0);
      },
    );

    it('that takes connections and never says a word', async () => {
      const server = createTcp(socket => void tapped(socket));
      expect(await outcome(await portOf(server))).toEqual(told(503));
    }, 15_000);
  });

  it('lets nobody in who has no key', async () => {
    let requests = 0;
    const port = await owner(async (_req, res) => {
      requests++;
      res.end();
    });
    await expect(send(port, { headers, body })).rejects.toThrow();
    const { port: at } = await (async () => {
      const forwarder = new Forwarder(port, bodies);
      opened.push(forwarder);
      const wrong = { host: '127.0.0.1', key: stranger.current };
      const server = createHttpServer(
        (req, res) =>
          forwarder
            .forward(req, res, wrong)
            .catch(() => void res.writeHead(404).end()),
        silent,
      );
      return { port: await portOf(server) };
    })();
    expect((await send(at, { headers, body })).status).toBe(404);
    expect(requests).toBe(0);
  });
});
