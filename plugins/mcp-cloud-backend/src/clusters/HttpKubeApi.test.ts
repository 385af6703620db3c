import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { HttpKubeApi } from './HttpKubeApi';

describe('HttpKubeApi', () => {
  const apiFor = (url: string) => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: url, skipTLSVerify: true },
      { name: 'u', token: 'very-secret' },
    );
    return new HttpKubeApi(kubeConfig);
  };
  let server: Server;
  let listener: RequestListener;
  let api: HttpKubeApi;
  beforeEach(async () => {
    server = createServer((req, res) => listener(req, res));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    api = apiFor(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`,
    );
  });
  afterEach(() => {
    api.close();
    server.closeAllConnections();
    server.close();
  });

  it('sends method, path, query, credentials and a JSON body', async () => {
    let seen: object = {};
    listener = (req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', chunk => chunks.push(chunk));
      req.on('end', () => {
        seen = {
          method: req.method,
          url: req.url,
          auth: req.headers.authorization,
          type: req.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        };
        res.end('{"ok":true}');
      });
    };
    const query = {
      force: true,
      limit: 5,
      not: undefined,
      labelSelector: 'a=b,c',
    };
    await expect(
      api.json({
        method: 'PATCH',
        path: '/api/v1/x',
        query,
        body: { a: 'ü' },
        contentType: 'application/apply-patch+yaml',
      }),
    ).resolves.toEqual({ ok: true });
    expect(seen).toEqual({
      method: 'PATCH',
      url: '/prefix/api/v1/x?force=true&limit=5&labelSelector=a%3Db%2Cc',
      auth: 'Bearer very-secret',
      type: 'application/apply-patch+yaml',
      body: '{"a":"ü"}',
    });
  });

  it('passes a stream on as it is', async () => {
    listener = (req, res) => req.pipe(res);
    const response = await api.stream({
      method: 'POST',
      path: '/',
      body: Readable.from([Buffer.from('one '), Buffer.from('two')]),
    });
    expect(
      await response.toArray().then(chunks => Buffer.concat(chunks).toString()),
    ).toBe('one two');
  });

  it("throws the API server's own words", async () => {
    listener = (_req, res) =>
      res.writeHead(403).end(
        JSON.stringify({
          kind: 'Status',
          reason: 'Forbidden',
          message: 'exceeded quota: none',
        }),
      );
    await expect(api.json({ method: 'GET', path: '/' })).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message: 'exceeded quota: none',
      unreachable: false,
    });
  });

  it('says that nobody answers, without a word of the credentials', async () => {
    const nobody = apiFor('http://127.0.0.1:1');
    const error = await nobody
      .json({ method: 'GET', path: '/' })
      .catch(one => one);
    expect(error).toMatchObject({
      status: 0,
      unreachable: true,
      message: 'The API server refuses connections.',
    });
    expect(JSON.stringify(error)).not.toContain('very-secret');
  });

  it('gives up waiting for headers', async () => {
    listener = () => undefined;
    const begin = Date.now();
    await expect(
      api.json({ method: 'GET', path: '/', headersTimeoutMs: 100 }),
    ).rejects.toMatchObject({ status: 0 });
    expect(Date.now() - begin).toBeLessThan(2_000);
  });

  it('ends with the caller, before and after the headers', async () => {
    const closed = new Promise<void>(resolve => {
      listener = (_req, res) => {
        res.on('close', resolve);
        res.writeHead(200).write('x');
      };
    });
    const abort = new AbortController();
    const response = await api.stream({
      method: 'GET',
      path: '/',
      signal: abort.signal,
    });
    abort.abort();
    await closed;
    await expect(response.toArray()).rejects.toThrow();
    await expect(
      api.json({ method: 'GET', path: '/', signal: abort.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says so when the answer is no JSON', async () => {
    listener = (_req, res) => res.end('<html>');
    await expect(api.json({ method: 'GET', path: '/' })).rejects.toMatchObject({
      reason: 'BadAnswer',
    });
  });
});
