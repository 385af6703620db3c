import { mockServices } from '@backstage/backend-test-utils';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import type {
  BridgeObservation,
  BridgeReport,
  Clusters,
} from '../clusters/types';
import { BridgeUnreachableError } from '../mcp/BridgeUnreachableError';
import { eventually } from '../__testUtils__/eventually';
import { BridgeObserver } from './BridgeObserver';

const makePod = (
  name: string,
  rest: { ready?: boolean; ending?: boolean; running?: boolean } = {},
) => ({
  metadata: {
    name,
    labels: { [SERVER_ID_LABEL]: 's' },
    ...(rest.ending ? { deletionTimestamp: '2026-11-21T12:00:00Z' } : {}),
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: rest.ready ? 'True' : 'False' }],
    containerStatuses: [
      {
        name: 'server',
        state: rest.running === false ? { waiting: {} } : { running: {} },
      },
    ],
  },
});
const report: BridgeReport = {
  version: '1',
  draining: false,
  ready: { ok: false },
  sessions: 0,
  lastExits: [],
  stderr: [],
};

describe('BridgeObserver', () => {
  let pods: ReturnType<typeof makePod>[];
  let bridges: Map<string, BridgeObservation>;
  let asked: string[];
  let atOnce: number;
  let most: number;
  let state: string;
  let answer: (pod: string) => Promise<BridgeReport>;
  let observer: BridgeObserver;
  beforeEach(() => {
    pods = [];
    bridges = new Map();
    asked = [];
    atOnce = 0;
    most = 0;
    state = 'ok';
    answer = async () => report;
    const cluster = {
      name: 'c',
      health: () => ({ state }),
      serverIds: () => ['s'],
      observe: () => ({ pods, bridges }),
      noteBridge: (_id: string, pod: string, observation: BridgeObservation) =>
        bridges.set(pod, observation),
    };
    observer = new BridgeObserver({
      clusters: { list: () => [cluster] } as unknown as Clusters,
      logger: mockServices.logger.mock(),
      periodMs: 20,
      gateway: {
        report: async (_cluster, _server, pod) => {
          asked.push(pod);
          atOnce += 1;
          most = Math.max(most, atOnce);
          await new Promise(resolve => setTimeout(resolve, 2));
          atOnce -= 1;
          return answer(pod);
        },
      },
    });
  });
  afterEach(() => observer.stop());

  it('asks pods that run and are not ready, and no others', async () => {
    pods = [
      makePod('ready', { ready: true }),
      makePod('ending', { ending: true }),
      makePod('pulling', { running: false }),
      makePod('stuck'),
    ];
    observer.start();
    await eventually(() => bridges.has('stuck'));
    expect(bridges.get('stuck')).toMatchObject({ report });
    pods = [makePod('stuck', { ready: true })];
    await new Promise(resolve => setTimeout(resolve, 60));
    const before = asked.length;
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(asked.length).toBe(before);
    expect(new Set(asked)).toEqual(new Set(['stuck']));
  });

  it('asks few at a time, and all in turn', async () => {
    pods = Array.from({ length: 45 }, (_, i) => makePod(`p${i}`));
    observer.start();
    await eventually(() => bridges.size === 45);
    expect(most).toBeLessThanOrEqual(4);
    expect(asked.slice(0, 45)).toHaveLength(new Set(asked.slice(0, 45)).size);
  });

  it('tells silence from an error, and keeps what a bridge said when a question gets lost', async () => {
    pods = [makePod('silent'), makePod('odd'), makePod('spoke')];
    bridges.set('spoke', { at: new Date(), report });
    answer = async pod => {
      throw pod === 'odd'
        ? new Error('status 500')
        : new BridgeUnreachableError('nobody');
    };
    observer.start();
    await eventually(() => bridges.size === 3 && asked.includes('spoke'));
    expect(bridges.get('silent')).toMatchObject({
      error: 'nobody',
      nothingListens: true,
    });
    expect(bridges.get('odd')).toMatchObject({
      error: 'status 500',
      nothingListens: false,
    });
    expect(bridges.get('spoke')).toMatchObject({ report });
  });

  it('asks nothing of a cluster that is away', async () => {
    state = 'unreachable';
    pods = [makePod('stuck')];
    observer.start();
    await new Promise(resolve => setTimeout(resolve, 80));
    expect(asked).toEqual([]);
  });
});
