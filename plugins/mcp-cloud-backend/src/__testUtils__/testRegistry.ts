import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const digestOf = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

type Answer = (req: http.IncomingMessage, res: http.ServerResponse) => boolean;

/** A registry in memory on this machine; for tests. */
export async function testRegistry() {
  const content = new Map<string, string>();
  const requests: Array<{ path: string; authorization?: string }> = [];
  let before: Answer = () => false;
  const server = http.createServer((req, res) => {
    const path = req.url!;
    requests.push({ path, authorization: req.headers.authorization });
    if (before(req, res)) {
      return;
    }
    const text = content.get(path);
    res.statusCode = text === undefined ? 404 : 200;
    res.end(text);
  });
  await new Promise<void>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve()),
  );
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const put = (repository: string, kind: string, value: unknown) => {
    const text = JSON.stringify(value);
    const digest = digestOf(text);
    content.set(`/v2/${repository}/${kind}/${digest}`, text);
    return { digest, text };
  };
  return {
    host,
    /** As the platform lists it. */
    settings: {
      host,
      otherHosts: [] as string[],
      insecure: true,
      privateAddresses: true,
    },
    requests,
    content,
    /** Has a say first; it answers what it returns true for. */
    answerFirst: (answer: Answer) => {
      before = answer;
    },
    /** Puts an image there and gives its digest. */
    push(
      repository: string,
      tag: string,
      config: object,
      { platforms }: { platforms?: object[] } = {},
    ): string {
      const blob = put(repository, 'blobs', { config });
      let top = put(repository, 'manifests', { config: blob });
      if (platforms) {
        top = put(repository, 'manifests', {
          manifests: platforms.map(platform => ({
            digest: top.digest,
            platform,
          })),
        });
      }
      content.set(`/v2/${repository}/manifests/${tag}`, top.text);
      return top.digest;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}

/** See {@link testRegistry}. */
export type TestRegistry = Awaited<ReturnType<typeof testRegistry>>;
