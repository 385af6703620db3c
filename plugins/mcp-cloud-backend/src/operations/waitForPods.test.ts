import { FENCE_ANNOTATION } from '@mcp-cloud/plugin-mcp-cloud-common';
import { waitForPods } from './waitForPods';

type Options = Parameters<typeof waitForPods>[0];

const running = { state: 'Running', reason: 'Ready', message: 'Ready.' };
const lacking = (what: string) => ({
  state: 'Degraded',
  reason: 'Unschedulable',
  message: `No node can take the pod: 0/1 nodes are available: ${what}.`,
});
const tainted = lacking('1 node(s) had untolerated taint(s)');

/** What is seen at which second. */
function watching(seen: Array<[second: number, status: object]>) {
  const clock = jest.spyOn(performance, 'now');
  const deployment = {
    metadata: { generation: 1, annotations: { [FENCE_ANNOTATION]: '1' } },
    status: { observedGeneration: 1 },
  };
  return waitForPods({
    cluster: { observe: () => ({ deployment }) },
    server: { runState: 'running' },
    statuses: {
      waitFor: async (_server: unknown, done: (status: object) => boolean) => {
        const end = seen.find(([second, status]) => {
          clock.mockReturnValue(second * 1000);
          return done(status);
        });
        return end?.[1];
      },
    },
    fence: 1,
    signal: new AbortController().signal,
    onStatus: () => {},
  } as unknown as Options);
}

describe('waitForPods', () => {
  afterEach(() => jest.restoreAllMocks());

  it('waits for a node that was away', async () => {
    const end = watching([
      [0, tainted],
      [70, tainted],
      [71, running],
    ]);
    await expect(end).resolves.toBe(running);
  });

  it.each([
    ['a taint that stays', tainted, 121],
    ['memory that no node has', lacking('1 Insufficient memory'), 11],
  ])('gives up on %s', async (_name, status, second) => {
    const end = watching([
      [0, status],
      [second, status],
    ]);
    await expect(end).rejects.toMatchObject({
      details: { reason: 'Unschedulable' },
    });
  });
});
