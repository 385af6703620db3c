import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { V1Pod } from '@kubernetes/client-node';
import type { LogLine } from '@mcp-cloud/plugin-mcp-cloud-common';
import type {
  ClusterConnection,
  Clusters,
  KubeRequest,
} from '../clusters/types';
import { BoundedQueue } from './BoundedQueue';
import { logLine, PodLogs } from './PodLogs';
import { readableLine } from './readableLine';

describe('readableLine', () => {
  it.each([
    ['plain words', 'plain words'],
    ['{not json', '{not json'],
    [
      '{"level":"info","time":"x","stream":"child","pid":7,"msg":"  as it  was"}',
      '  as it  was',
    ],
    [
      '{"level":"info","time":"x","msg":"listening","port":8080}',
      'bridge: listening port=8080',
    ],
    [
      '{"level":"error","msg":"failed","err":{"message":"no such file","stack":"…"}}',
      'bridge: error failed err=no such file',
    ],
    [
      '{"level":40,"msg":"slow","ms":12.5,"a":{"b":1}}',
      'bridge: warn slow ms=12.5 a={"b":1}',
    ],
    [
      '{"event":"of the server","msg":"mine"}',
      '{"event":"of the server","msg":"mine"}',
    ],
    [
      '{"level":"notice","msg":"of the server"}',
      '{"level":"notice","msg":"of the server"}',
    ],
    ['[1]', '[1]'],
    ['', ''],
  ])('%s', (line, expected) => expect(readableLine(line)).toBe(expected));
});

describe('logLine', () => {
  it('takes the timestamp off, and cuts what is far too long', () => {
    expect(logLine('p', '2026-11-21T12:00:00.123456789Z hello  you')).toEqual({
      pod: 'p',
      at: '2026-11-21T12:00:00.123456789Z',
      text: 'hello  you',
    });
    expect(logLine('p', '2026-11-21T12:00:00Z ')).toEqual({
      pod: 'p',
      at: '2026-11-21T12:00:00Z',
      text: '',
    });
    expect(logLine('p', 'no timestamp')).toEqual({
      pod: 'p',
      text: 'no timestamp',
    });
    expect(
      logLine('p', `2026-11-21T12:00:00Z ${'x'.repeat(20_000)}`).text,
    ).toMatch(/^x{16384}… \(cut\)$/);
  });
});

describe('BoundedQueue', () => {
  it('slows writers down to the pace of the reader', async () => {
    const queue = new BoundedQueue<number>(2);
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 10; i += 1) {
        await queue.push(i);
        written += 1;
      }
      queue.end();
    })();
    await new Promise(resolve => setImmediate(resolve));
    expect(written).toBe(2);
    const read: number[] = [];
    for await (const item of queue) {
      read.push(item);
      expect(written - read.length).toBeLessThanOrEqual(3);
    }
    await writing;
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('hands an error to the reader after the items, and lets writers go when the reader leaves', async () => {
    const failing = new BoundedQueue<number>(5);
    await failing.push(1);
    failing.end(new Error('broken'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const item of failing) {
          seen.push(item);
        }
      })(),
    ).rejects.toThrow('broken');
    expect(seen).toEqual([1]);

    const left = new BoundedQueue<number>(1);
    await left.push(1);
    const stuck = left.push(2);
    for await (const item of left) {
      expect(item).toBe(1);
      break;
    }
    await stuck;
    await expect(left.push(3)).resolves.toBe(false);
  });
});

describe('PodLogs', () => {
  const server = { id: 's', name: 'tools' };
  const makePod = (name: string): V1Pod =>
    ({
      metadata: { name, uid: name },
      status: { containerStatuses: [{ state: { running: {} } }] },
    } as unknown as V1Pod);

  /** A cluster whose log streams end as a test wants; each request takes the next answer for its pod. */
  function rig(answers: Record<string, Array<string[] | number>>) {
    const pods = Object.keys(answers).map(makePod);
    const requests: KubeRequest[] = [];
    let tell: (cluster: string, changed: 'all') => void = () => undefined;
    const cluster = {
      name: 'c',
      namespace: 'n',
      observe: () => ({ pods }),
      api: {
        stream: async (request: KubeRequest) => {
          requests.push(request);
          const pod = /pods\/([^/]+)\/log/.exec(request.path)![1];
          const next = answers[pod].shift();
          if (typeof next === 'number') {
            return Object.assign(
              Readable.from([
                Buffer.from('{"kind":"Status","message":"waiting to start"}'),
              ]),
              { statusCode: next },
            ) as unknown as IncomingMessage;
          }
          const stream = next
            ? Readable.from(next.map(line => Buffer.from(`${line}\n`)))
            : new Readable({ read: () => undefined });
          request.signal?.addEventListener('abort', () =>
            stream.destroy(new Error('aborted')),
          );
          stream.on('error', () => undefined);
          return Object.assign(stream, {
            statusCode: 200,
          }) as unknown as IncomingMessage;
        },
      },
    } as unknown as ClusterConnection;
    const clusters = {
      onChange: (listener: typeof tell) => {
        tell = listener;
        return () => undefined;
      },
    } as unknown as Clusters;
    return {
      logs: new PodLogs({ clusters }),
      cluster,
      requests,
      pods,
      answers,
      tell: () => tell('c', 'all'),
    };
  }

  const at = (second: number) => `2026-11-21T12:00:0${second}.5Z`;

  it('takes a stream that ended early up again, without a line twice or lost', async () => {
    const { logs, cluster, requests } = rig({
      p: [
        [`${at(1)} one`, `${at(2)} two`],
        500,
        [`${at(2)} two`, `${at(3)} three`],
      ],
    });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const line of logs.follow(
      cluster,
      server,
      { tailLines: 7 },
      stop.signal,
    )) {
      seen.push(line.text);
      if (seen.length === 3) {
        stop.abort();
      }
    }
    expect(seen).toEqual(['one', 'two', 'three']);
    expect(requests[0].query).toMatchObject({
      follow: true,
      tailLines: 7,
      timestamps: true,
    });
    expect(requests[2].query).toMatchObject({
      sinceTime: at(2),
      tailLines: undefined,
    });
  });

  it('follows pods that come later, from their first line', async () => {
    const { logs, cluster, pods, answers, tell, requests } = rig({
      p: [[`${at(1)} old`]],
    });
    const stop = new AbortController();
    const lines: LogLine[] = [];
    for await (const line of logs.follow(
      cluster,
      server,
      { tailLines: 1 },
      stop.signal,
    )) {
      lines.push(line);
      if (line.pod === 'p') {
        answers.q = [[`${at(2)} new`]];
        pods.push(makePod('q'));
        tell();
      } else {
        stop.abort();
      }
    }
    expect(lines.map(({ pod, text }) => `${pod} ${text}`)).toEqual([
      'p old',
      'q new',
    ]);
    expect(
      requests.find(({ path }) => path.includes('/q/'))?.query,
    ).toMatchObject({ tailLines: 5000 });
  });

  it('merges the last lines of all pods by time, and passes over a pod without any', async () => {
    const { logs, cluster } = rig({
      a: [[`${at(1)} 1`, `${at(3)} 3`]],
      b: [[`${at(2)} 2`]],
      c: [400],
    });
    const lines = await logs.tail(
      cluster,
      server,
      {},
      new AbortController().signal,
    );
    expect(lines.map(line => line.text)).toEqual(['1', '2', '3']);
  });

  it('says so when the one pod that is asked for has no log, or is not there', async () => {
    const { logs, cluster } = rig({ a: [400] });
    const { signal } = new AbortController();
    await expect(
      logs.tail(cluster, server, { pod: 'a' }, signal),
    ).rejects.toThrow('waiting to start');
    await expect(
      logs.tail(cluster, server, { pod: '../secrets' }, signal),
    ).rejects.toThrow(/has no pod/);
  });
});
