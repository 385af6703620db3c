import assert from 'node:assert/strict';
import { sleep, until } from '../../../dev-cluster/src/system/wait.ts';
import type { Person } from './world/Person.ts';
import type { Operation } from './world/restModel.ts';
import { seconds } from './world/stats.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-paused';
/** How long a backend may be silent until another one takes its operations over. */
const LEASE_MS = 15_000;
/** How long after its answer the first backend is paused: before, within and after its writes. */
const pausesAfterMs = [0, 40, 150];
/** Long enough for whatever the woken backend still has in mind. */
const AFTERWARDS_MS = 20_000;

/** The times of every step, which no second run of it may change. Mending aside: to write once more is its purpose. */
const timesOf = (operations: Operation[]) =>
  operations
    .filter(({ kind }) => kind !== 'rotate')
    .map(({ id, kind, state, finishedAt, steps }) => ({
      id,
      kind,
      state,
      finishedAt,
      steps: steps.map(step => [step.name, step.state, step.finishedAt]),
    }));

async function takeOver(
  world: World,
  alice: Person,
  afterMs: number,
): Promise<void> {
  const { first, second, kube, report } = world;
  const there = alice.at(second.url);
  await alice.done(await alice.scale(SERVER, 1));
  const numbers: number[] = [];
  const stopWatching = await kube.watch(
    'apis/apps/v1/deployments',
    (_type, { metadata, spec }) => {
      const replicas = spec?.replicas ?? 0;
      if (metadata.name === `mcp-${SERVER}` && numbers.at(-1) !== replicas) {
        numbers.push(replicas);
      }
    },
  );
  const operation = await alice.scale(SERVER, 2);
  await sleep(afterMs);
  first.pause();
  const begin = performance.now();
  try {
    await there.done(operation, 60);
    const took = performance.now() - begin;
    // Beyond the lease in any case, also when the other one came first from the beginning.
    await sleep(Math.max(0, LEASE_MS + 2_000 - took));
    await there.done(await there.scale(SERVER, 3));
    const times = timesOf(await there.operations(SERVER));
    first.goOn();
    await sleep(AFTERWARDS_MS);
    assert.deepEqual(timesOf(await there.operations(SERVER)), times);
    const pods = (numbers.at(0) === 1 ? numbers.slice(1) : numbers).join(', ');
    assert.equal(pods, '2, 3', 'the numbers of pods that were written');
    const { status, replicas } = await alice.server(SERVER);
    assert.equal(replicas, 3);
    assert.equal(status.state, 'Running', status.message);
    report.figure(
      `paused ${afterMs} ms after 202: finished by the other one after ${seconds(
        took,
      )}; written to the cluster were ${pods} pods, also ${seconds(
        AFTERWARDS_MS,
      )} after waking`,
    );
  } finally {
    first.goOn();
    stopWatching();
  }
}

/** How many connections to the plugin's database wait in the midst of a transaction. */
async function openTransactions({ query }: World): Promise<number> {
  const rows = await query(
    "select count(*) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()",
  );
  return Number(rows);
}

/** Pauses the first backend in the midst of a transaction: again and again, until it is met in one. */
async function pauseInTransaction(world: World, alice: Person): Promise<void> {
  const { first } = world;
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const busy = Array.from({ length: 6 }, (_, index) =>
      alice.scale(SERVER, 1 + (index % 2)).catch(() => undefined),
    );
    await sleep(10 + attempt);
    first.pause();
    await sleep(200); // what the database was still doing for it ends
    if ((await openTransactions(world)) > 0) {
      return;
    }
    first.goOn();
    await Promise.all(busy);
  }
  throw new Error('The first backend was never met in a transaction.');
}

async function freeLocks(world: World, alice: Person): Promise<void> {
  const { first, second, kube, report } = world;
  const there = alice.at(second.url);
  try {
    await pauseInTransaction(world, alice);
    const begin = performance.now();
    const operation = await there.scale(SERVER, 3);
    const accepted = performance.now() - begin;
    await there.done(operation, 60);
    report.figure(
      `paused within a transaction: the other one accepted a change after ${seconds(
        accepted,
      )} and had it done after ${seconds(performance.now() - begin)}`,
    );
  } finally {
    first.goOn();
  }
  // What the first one had heard but not accepted before its sleep it accepts now: the last to be accepted stands.
  await sleep(5_000);
  await until(
    'the end of all operations',
    async () =>
      (
        await alice.operations(SERVER)
      ).every(({ finishedAt }) => finishedAt !== undefined),
    { seconds: 90 },
  );
  const { status, replicas, id } = await alice.server(SERVER);
  assert.equal(status.state, 'Running', status.message);
  assert.equal((await kube.readyPods(id)).length, replicas);
  assert.equal((await kube.deployment(SERVER))?.spec?.replicas, replicas);
}

/** A backend that sleeps beyond its lease and wakes up does nothing twice and undoes nothing newer. */
export const pausedBackend: Drill = {
  title: 'SIGSTOP of a backend beyond its lease, beside a second one',
  async run(world) {
    await world.second.start();
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async () => {
      for (const afterMs of pausesAfterMs) {
        await world.report.check(
          `paused ${afterMs} ms after acceptance, taken over, woken up`,
          () => takeOver(world, alice, afterMs),
        );
      }
      await world.report.check('paused in the midst of a transaction', () =>
        freeLocks(world, alice),
      );
    });
    await world.second.stop();
  },
};
