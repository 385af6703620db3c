import { mockServices } from '@backstage/backend-test-utils';
import type { V1Pod } from '@kubernetes/client-node';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import type { Clusters } from '../clusters/types';
import type { BridgeUsage } from '../mcp/types';
import { UsageCollector } from './UsageCollector';

const pod = (name: string, ending = false): V1Pod => ({
  metadata: {
    name,
    ...(ending && { deletionTimestamp: new Date() }),
  },
  spec: { containers: [{ name: 'server' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'server',
        image: 'i',
        imageID: 'i',
        ready: true,
        restartCount: 0,
        state: { running: {} },
      },
    ],
  },
});

/** A collector over one server with these pods, whose bridges answer as `answers` says. */
function aCollector(pods: V1Pod[], answers: Record<string, number | Error>) {
  const world = new FakeWorld();
  let tell: Parameters<Clusters['onChange']>[0] = () => {};
  const clusters: Clusters = {
    ...world.clusters,
    onChange: listener => {
      tell = listener;
      return () => {};
    },
  };
  world.cluster.serverIds = () => ['id'];
  const observe = world.cluster.observe;
  world.cluster.observe = server => ({ ...observe(server), pods });
  const taken: BridgeUsage[] = [];
  const collector = new UsageCollector({
    clusters,
    gateway: {
      usage: async (_cluster, _server, name) => {
        const calls = answers[name];
        if (calls instanceof Error) {
          throw calls;
        }
        const lastCallAt = '2026-11-21T17:30:00.000Z';
        const entry = { principal: 'p', tool: 't', calls, lastCallAt };
        return { bootId: name, usage: calls ? [entry] : [] };
      },
    },
    store: { take: async (_id, report) => void taken.push(report) },
    logger: mockServices.logger.mock(),
  });
  return {
    collector,
    tell: () => tell('local', new Set(['id'])),
    /** What was taken since the last look, such as `a 3`. */
    taken: () =>
      taken.splice(0).map(({ bootId, usage }) => `${bootId} ${usage[0].calls}`),
  };
}

it('takes what bridges counted, and nothing while nobody calls', async () => {
  const answers: Record<string, number | Error> = {
    a: 3,
    b: 0,
    c: new Error('no answer'),
  };
  const { collector, taken } = aCollector(
    ['a', 'b', 'c'].map(name => pod(name)),
    answers,
  );
  await collector.collect();
  expect(taken()).toEqual(['a 3']);
  await collector.collect();
  expect(taken()).toEqual([]);
  Object.assign(answers, { a: 4, c: 1 });
  await collector.collect();
  expect(taken().sort()).toEqual(['a 4', 'c 1']);
});

it('asks bridges that are about to end at once, until they are gone', async () => {
  const pods = [pod('a', true), pod('b')];
  const answers = { a: 5, b: 7 };
  const { collector, tell, taken } = aCollector(pods, answers);
  collector.start();
  tell();
  tell();
  expect(await eventually(() => taken().at(-1))).toBe('a 5');
  answers.a = 6;
  expect(await eventually(() => taken().at(-1))).toBe('a 6');
  pods.splice(0, 1);
  await collector.stop();
});
