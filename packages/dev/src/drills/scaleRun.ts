import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import {
  allRun,
  nameOf,
  owners,
  PODS_EACH,
  populate,
  PREFIX,
} from './scale/populate.ts';
import { signalTimes } from './scale/signalTimes.ts';
import { StandIn } from './scale/StandIn.ts';
import { assertExactLists } from './scale/walk.ts';
import { liveMemory } from './world/liveMemory.ts';
import type { Person } from './world/Person.ts';
import {
  inWords,
  requestsWithin,
  totalOf,
  type Counted,
} from './world/requests.ts';
import { median, ms, percentile, seconds } from './world/stats.ts';
import { view } from './world/view.ts';
import type { Drill, World } from './world/World.ts';

type Memory = Awaited<ReturnType<typeof liveMemory>>;

const SAMPLES = 200;
const CHANGES = 100;
const VIEWERS = 20;
const WINDOW_MS = 60_000;
/** What a process takes at its start it gives back for a while. */
const SETTLE_MS = 60_000;
const limits = {
  pageMs: 50,
  statusMs: 20,
  memoryMiB: 150,
  signalMs: 500,
  startMs: 10_000,
};

/** How long answers take, one after the other. */
async function timesOf(
  { first, report }: World,
  person: Person,
  path: (sample: number) => string,
): Promise<number[]> {
  const times: number[] = [];
  const before = first.cpuMs();
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const answer = await person.send('GET', path(sample));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    times.push(answer.ms);
  }
  const cpu = (first.cpuMs() - before) / SAMPLES;
  report.figure(
    `${path(0)}: ${cpu.toFixed(1)} ms of CPU each, all else included`,
  );
  return times;
}

async function within(
  { report }: World,
  what: string,
  limit: number,
  times: () => Promise<number[]>,
): Promise<void> {
  await report.check(`${what}: p95 at most ${ms(limit)}`, async () => {
    const all = await times();
    const [p50, p95, longest] = [0.5, 0.95, 1].map(share =>
      percentile(all, share),
    );
    report.figure(
      `${what}: p50 ${ms(p50)}, p95 ${ms(p95)}, longest ${ms(longest)} of ${
        all.length
      }`,
    );
    assert.ok(p95 <= limit, ms(p95));
  });
}

async function measure(world: World, empty: Memory): Promise<void> {
  const { first, report, amounts } = world;
  const { servers } = amounts;
  const people = await Promise.all(
    owners.map(({ person }) => world.person(person)),
  );
  const [alice] = people;
  await first.stop();
  await report.check(
    `a start with ${servers} servers takes at most ${limits.startMs / 1000} s`,
    async () => {
      const begin = performance.now();
      await first.start();
      const ready = performance.now() - begin;
      await allRun(alice, servers, 120);
      const known = performance.now() - begin;
      report.figure(
        `ready after ${seconds(ready)}, all statuses known after ${seconds(
          known,
        )}`,
      );
      assert.ok(ready <= limits.startMs, seconds(ready));
    },
  );
  const page = () => timesOf(world, alice, () => '/servers?limit=50');
  report.figure(
    `right after the start a page takes ${ms(median(await page()))} (median)`,
  );
  await sleep(SETTLE_MS);
  await within(world, 'a page of 50 servers', limits.pageMs, page);
  await within(world, 'the status of one server', limits.statusMs, () =>
    timesOf(
      world,
      alice,
      sample => `/servers/${nameOf(sample % servers)}/status`,
    ),
  );
  await report.check(
    `memory is at most ${limits.memoryMiB} MiB above that of an empty portal`,
    async () => {
      const full = await liveMemory(first);
      const words = ({ held, resident }: Memory) =>
        `${Math.round(held)} MiB (resident ${Math.round(resident)} MiB)`;
      report.figure(
        `after garbage was collected ${words(empty)} empty, ${words(
          full,
        )} full`,
      );
      const more = full.held - empty.held;
      assert.ok(more <= limits.memoryMiB, `${Math.round(more)} MiB`);
    },
  );
  await report.check('two owners’ lists are exact, page by page', async () => {
    const pages = await assertExactLists(people, servers);
    report.figure(`${pages} pages in ten walks`);
  });
}

async function viewers(world: World): Promise<void> {
  const { report } = world;
  const alice = await world.person('alice');
  // Bridges are asked by the clock, in rounds that are longer than a viewer's patience.
  const counts = ({ resource, subresource }: Counted) =>
    subresource !== 'proxy' &&
    ['pods', 'events', 'deployments.apps', 'replicasets.apps'].includes(
      resource,
    );
  const without = await requestsWithin(world, WINDOW_MS, counts);
  let asked = 0;
  const stops = await Promise.all(
    Array.from({ length: VIEWERS }, (_, index) =>
      view(alice, nameOf(index), () => (asked += 1)),
    ),
  );
  const looked = await requestsWithin(world, WINDOW_MS, counts);
  stops.forEach(stop => stop());
  report.figure(`within 60 s without viewers: ${inWords(without)}`);
  report.figure(
    `within 60 s with ${VIEWERS} viewers, who sent ${asked} requests: ${inWords(
      looked,
    )}`,
  );
  await report.check('viewers cost the API server nothing', async () => {
    const [before, after] = [totalOf(without), totalOf(looked)];
    assert.ok(after <= before * 1.1 + 5, `${after} instead of ${before}`);
  });
}

/** Many servers and pods: what people wait for, and what the backend takes for it. */
export const scaleRun: Drill = {
  title: 'lists, statuses, signals and memory with many servers',
  async run(world) {
    const { first, kube, report, amounts } = world;
    // The first run of a process knows less than the next ones, such as who is in the catalog.
    await first.stop();
    await first.start();
    await sleep(SETTLE_MS);
    const empty = await liveMemory(first);
    const standIn = await StandIn.start(world);
    try {
      const people = await Promise.all(
        owners.map(({ person }) => world.person(person)),
      );
      const { servers } = amounts;
      const pods = servers * PODS_EACH;
      await report.check(`${servers} servers with ${pods} pods`, async () => {
        const begin = performance.now();
        await populate(world, people);
        report.figure(`deployed in ${seconds(performance.now() - begin)}`);
        const found = await kube.labelled(`mcp-${PREFIX}`);
        assert.equal(
          found.filter(({ path }) => path.startsWith('api/v1/pods/')).length,
          pods,
        );
        report.figure(`${found.length} objects in the cluster`);
      });
      await measure(world, empty);
      await within(world, 'from a change to its signal', limits.signalMs, () =>
        signalTimes(world, standIn, CHANGES),
      );
      await viewers(world);
    } finally {
      await first.stop();
      await kube.clear(PREFIX);
      await standIn.stop();
    }
  },
};
