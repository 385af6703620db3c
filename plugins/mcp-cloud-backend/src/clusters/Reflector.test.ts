import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import { KubeConfig } from '@kubernetes/client-node';
import { HttpKubeApi } from './HttpKubeApi';
import { Reflector } from './Reflector';
import type { KubeObject } from './types';

type Handler = (req: IncomingMessage, res: ServerResponse, url: URL) => void;

const answer = (res: ServerResponse, body: object, status = 200) =>
  res.writeHead(status).end(JSON.stringify(body));
/** A watch that is open, and on which nothing happens. */
const silent = (res: ServerResponse) => res.writeHead(200).flushHeaders();

/** An API server that misbehaves just as a test wants; what real ones do is tested against a real one. */
class OddServer {
  readonly requests: URL[] = [];
  list: Handler = (_req, res) =>
    answer(res, { metadata: { resourceVersion: '10' }, items: [] });
  watch: Handler = (_req, res) => silent(res);
  readonly #server: Server;

  constructor() {
    this.#server = createServer((req, res) => {
      const url = new URL(req.url!, 'http://x');
      this.requests.push(url);
      (url.searchParams.has('watch') ? this.watch : this.list)(req, res, url);
    });
  }

  async start(): Promise<HttpKubeApi> {
    await new Promise<void>(resolve =>
      this.#server.listen(0, '127.0.0.1', resolve),
    );
    const kubeConfig = new KubeConfig();
    const { port } = this.#server.address() as AddressInfo;
    kubeConfig.loadFromClusterAndUser(
      { name: 'odd', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'me' },
    );
    return new HttpKubeApi(kubeConfig);
  }

  watches(): URL[] {
    return this.requests.filter(url => url.searchParams.has('watch'));
  }

  lists(): URL[] {
    return this.requests.filter(url => !url.searchParams.has('watch'));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const pod = (name: string, resourceVersion: string, text = '') =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, resourceVersion, annotations: { text } },
  } satisfies KubeObject);
const line = (type: string, object: object) =>
  `${JSON.stringify({ type, object })}\n`;

async function eventually(check: () => void): Promise<void> {
  const deadline = Date.now() + 4_000;
  for (;;) {
    try {
      check();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}

describe('Reflector', () => {
  let odd: OddServer;
  let api: HttpKubeApi;
  let reflector: Reflector<KubeObject>;
  let items: Map<string, KubeObject>;
  let replaced: number[];

  beforeEach(async () => {
    odd = new OddServer();
    api = await odd.start();
    items = new Map();
    replaced = [];
    reflector = new Reflector<KubeObject>({
      api,
      path: '/api/v1/namespaces/n/pods',
      apiVersion: 'v1',
      kind: 'Pod',
      labelSelector: 'a=b',
      only: ({ metadata }) => metadata.namespace !== 'elsewhere',
      logger: mockServices.logger.mock(),
      timing: { silenceMs: 300, backOff: () => 20 },
      sink: {
        replace: (all, version) => {
          replaced.push(version);
          items = new Map(all.map(one => [one.metadata.name, one]));
        },
        upsert: one => items.set(one.metadata.name, one),
        remove: one => items.delete(one.metadata.name),
      },
    });
  });
  afterEach(async () => {
    await reflector.stop();
    odd.stop();
    api.close();
  });

  it('reads all pages, then goes on from their version', async () => {
    odd.list = (_req, res, url) =>
      url.searchParams.get('continue') === 'more'
        ? answer(res, {
            metadata: { resourceVersion: '10' },
            items: [pod('b', '2')],
          })
        : answer(res, {
            metadata: { resourceVersion: '10', continue: 'more' },
            items: [pod('a', '1')],
          });
    reflector.start();
    await eventually(() => expect(odd.watches().length).toBe(1));
    expect([...items.keys()]).toEqual(['a', 'b']);
    expect(items.get('a')).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    expect(replaced).toEqual([10]);
    expect(Object.fromEntries(odd.lists()[0].searchParams)).toEqual({
      labelSelector: 'a=b',
      limit: '500',
    });
    const query = Object.fromEntries(odd.watches()[0].searchParams);
    expect(query).toMatchObject({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '10',
      labelSelector: 'a=b',
    });
    expect(Number(query.timeoutSeconds)).toBeGreaterThanOrEqual(240);
    expect(Number(query.timeoutSeconds)).toBeLessThanOrEqual(300);
    expect(reflector.state()).toEqual({ synced: true });
  });

  it('puts events together that come in pieces, characters cut in half included', async () => {
    odd.watch = async (_req, res, url) => {
      silent(res);
      if (url.searchParams.get('resourceVersion') !== '10') {
        return;
      }
      const bytes = Buffer.from(
        line('ADDED', pod('a', '11', 'žluťoučký 🐎')) +
          line('BOOKMARK', { metadata: { resourceVersion: '12' } }),
      );
      for (const byte of bytes) {
        res.write(Buffer.of(byte));
        await new Promise(resolve => setImmediate(resolve));
      }
      res.end();
    };
    reflector.start();
    await eventually(() =>
      expect(
        odd.watches().map(url => url.searchParams.get('resourceVersion')),
      ).toEqual(['10', '12']),
    );
    expect(items.get('a')?.metadata.annotations?.text).toBe('žluťoučký 🐎');
    expect(odd.lists()).toHaveLength(1);
  });

  it('passes over what is none of ours, and goes on after it', async () => {
    const foreign = (name: string, version: string) => {
      const object = pod(name, version);
      return {
        ...object,
        metadata: { ...object.metadata, namespace: 'elsewhere' },
      };
    };
    odd.list = (_req, res) =>
      answer(res, {
        metadata: { resourceVersion: '10' },
        items: [pod('a', '1'), foreign('x', '2')],
      });
    odd.watch = (_req, res, url) => {
      res.writeHead(200);
      if (url.searchParams.get('resourceVersion') === '10') {
        res.write(line('ADDED', foreign('y', '11')));
        // Of the same name as one of ours.
        res.end(line('DELETED', foreign('a', '12')));
      }
    };
    reflector.start();
    await eventually(() =>
      expect(
        odd.watches().map(url => url.searchParams.get('resourceVersion')),
      ).toEqual(['10', '12']),
    );
    expect([...items.keys()]).toEqual(['a']);
  });

  it('drops half a line at the end, and asks for it again', async () => {
    odd.watch = (_req, res, url) => {
      res.writeHead(200);
      const version = url.searchParams.get('resourceVersion');
      if (version === '10') {
        res.write(line('ADDED', pod('a', '11')));
        res.write(line('ADDED', pod('b', '12')).slice(0, 30));
        setTimeout(() => res.destroy(), 20);
      } else if (version === '11') {
        res.write(line('ADDED', pod('b', '12')));
      }
    };
    reflector.start();
    await eventually(() => expect([...items.keys()]).toEqual(['a', 'b']));
    expect(odd.lists()).toHaveLength(1);
  });

  it.each([
    [
      'as an answer',
      (res: ServerResponse) =>
        answer(
          res,
          { kind: 'Status', reason: 'Expired', message: 'too old' },
          410,
        ),
    ],
    [
      'as an event',
      (res: ServerResponse) =>
        res
          .writeHead(200)
          .end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })),
    ],
  ])(
    'lists anew when its version is too old, told %s',
    async (_how, refuse) => {
      items.set('ghost', pod('ghost', '1'));
      let version = 10;
      odd.list = (_req, res) => {
        version += 10;
        answer(res, {
          metadata: { resourceVersion: String(version) },
          items: [pod('a', String(version))],
        });
      };
      odd.watch = (_req, res, url) =>
        url.searchParams.get('resourceVersion') === '20'
          ? refuse(res)
          : silent(res);
      reflector.start();
      await eventually(() => expect(replaced).toEqual([20, 30]));
      await eventually(() =>
        expect(odd.watches().at(-1)?.searchParams.get('resourceVersion')).toBe(
          '30',
        ),
      );
      expect([...items.keys()]).toEqual(['a']);
    },
  );

  it('begins a list again whose pages went stale', async () => {
    let tries = 0;
    odd.list = (_req, res, url) => {
      if (url.searchParams.get('continue')) {
        tries += 1;
        if (tries === 1) {
          answer(res, { kind: 'Status', code: 410, reason: 'Expired' }, 410);
        } else {
          answer(res, {
            metadata: { resourceVersion: '9' },
            items: [pod('b', '1')],
          });
        }
      } else {
        answer(res, { metadata: { continue: 'x' }, items: [pod('a', '1')] });
      }
    };
    reflector.start();
    await eventually(() => expect([...items.keys()]).toEqual(['a', 'b']));
    expect(replaced).toEqual([9]);
  });

  it('leaves a watch that fell silent', async () => {
    reflector.start();
    await eventually(() => expect(odd.watches().length).toBeGreaterThan(2));
    expect(odd.lists()).toHaveLength(1);
  });

  it('does not take a refusal for an end, tells it, and recovers', async () => {
    let refused = true;
    odd.list = (_req, res) =>
      refused
        ? answer(
            res,
            {
              kind: 'Status',
              reason: 'Forbidden',
              message: 'pods is forbidden',
            },
            403,
          )
        : answer(res, {
            metadata: { resourceVersion: '10' },
            items: [pod('a', '1')],
          });
    reflector.start();
    await eventually(() =>
      expect(reflector.state().failure).toMatchObject({
        status: 403,
        message: 'pods is forbidden',
      }),
    );
    expect(reflector.state().synced).toBe(false);
    refused = false;
    await eventually(() => expect(items.has('a')).toBe(true));
    await eventually(() => expect(reflector.state()).toEqual({ synced: true }));
  });

  it('goes on after an event that is no JSON', async () => {
    odd.watch = (_req, res, url) => {
      res.writeHead(200);
      if (odd.watches().length === 1) {
        res.end('<html>gateway</html>\n');
      } else if (url.searchParams.get('resourceVersion') === '10') {
        res.write(line('ADDED', pod('a', '11')));
      }
    };
    reflector.start();
    await eventually(() => expect(items.has('a')).toBe(true));
  });

  it('lists anew when told that the cluster was away, and stops at once when told to', async () => {
    reflector.start();
    await eventually(() => expect(odd.watches().length).toBe(1));
    odd.list = (_req, res) =>
      answer(res, {
        metadata: { resourceVersion: '50' },
        items: [pod('later', '50')],
      });
    reflector.refresh();
    expect(reflector.state().synced).toBe(false);
    await eventually(() => expect(items.has('later')).toBe(true));
    // Else the request for the second watch may still be on its way when it is told to stop.
    await eventually(() => expect(odd.watches().length).toBe(2));
    await reflector.stop();
    const asked = odd.requests.length;
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(odd.requests.length).toBe(asked);
  });
});
