import { mockServices } from '@backstage/backend-test-utils';
import type { Clusters } from '../clusters/types';
import { SignalPublisher } from './SignalPublisher';

describe('SignalPublisher', () => {
  const sent: Array<[string | undefined, number]> = [];
  let listener: (cluster: string, changed: ReadonlySet<string> | 'all') => void;
  let version = 1;
  const cluster = { observe: () => ({ version }) };
  const clusters = {
    list: () => [cluster],
    get: () => cluster,
    onChange: (one: typeof listener) => {
      listener = one;
      return () => undefined;
    },
  } as unknown as Clusters;
  let fail = false;
  const publisher = new SignalPublisher({
    clusters,
    logger: mockServices.logger.mock(),
    signals: {
      publish: async signal => {
        expect(signal).toMatchObject({
          recipients: { type: 'broadcast' },
          channel: 'mcp-cloud:servers',
        });
        if (fail) {
          throw new Error('no bus');
        }
        sent.push([
          signal.message.id as string | undefined,
          signal.message.version as number,
        ]);
      },
    },
  });

  beforeEach(() => {
    jest.useFakeTimers();
    sent.length = 0;
    version = 1;
    publisher.start();
  });
  afterEach(() => {
    publisher.stop();
    jest.useRealTimers();
  });

  it('tells the first change at once and those right after it together, with the latest version', () => {
    listener('c', new Set(['a']));
    expect(sent).toEqual([['a', 1]]);
    version = 5;
    listener('c', new Set(['a']));
    publisher.changed('a');
    listener('c', new Set(['b']));
    expect(sent).toEqual([
      ['a', 1],
      ['b', 5],
    ]);
    jest.advanceTimersByTime(250);
    expect(sent).toEqual([
      ['a', 1],
      ['b', 5],
      ['a', 5],
    ]);
    jest.advanceTimersByTime(10_000);
    expect(sent).toHaveLength(3);
  });

  it('tells once, and of no server by name, when a whole cluster changed', () => {
    listener('c', 'all');
    expect(sent).toEqual([[undefined, 0]]);
  });

  it('lives on when a signal cannot be sent', async () => {
    fail = true;
    publisher.changed('a');
    await Promise.resolve();
    fail = false;
    jest.advanceTimersByTime(300);
    publisher.changed('a');
    expect(sent).toEqual([['a', 1]]);
  });
});
