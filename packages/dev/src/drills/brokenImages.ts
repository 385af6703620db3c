import assert from 'node:assert/strict';
import { sleep, until } from '../../../dev-cluster/src/system/wait.ts';
import { imageWithoutBridge } from './world/imageWithoutBridge.ts';
import { McpClient } from './world/McpClient.ts';
import type { Person } from './world/Person.ts';
import type { ServerStatus, Spec } from './world/restModel.ts';
import { seconds } from './world/stats.ts';
import { removeServer, withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-broken';
const LIMIT_MS = 10_000;

/** A way to be broken, and what the status has to say of it. */
interface Fault {
  name: string;
  change: Partial<Spec>;
  reason: string;
  /** What the last lines that the server wrote must hold. */
  stderr?: RegExp;
}

async function faultsOf(world: World): Promise<Fault[]> {
  const bare = { command: undefined };
  return [
    {
      name: 'an image that cannot be pulled',
      change: {
        ...bare,
        // Of a registry that the platform does not list: else it would be refused at once.
        image: '127.0.0.1:9/mcp-cloud/missing:1',
      },
      reason: 'ImagePullFailed',
    },
    {
      name: 'a server that crashes at once',
      change: {
        command: ['node', '-e', 'console.error("boom"); process.exit(3)'],
      },
      reason: 'ServerCrashed',
      stderr: /boom/,
    },
    {
      name: 'no bridge, and it ends at once',
      change: { ...bare, image: await imageWithoutBridge(world, 'ends') },
      reason: 'ImageWithoutBridge',
      stderr: /I am no bridge/,
    },
    {
      name: 'no bridge, and it keeps running',
      change: { ...bare, image: await imageWithoutBridge(world, 'stays') },
      reason: 'ImageWithoutBridge',
    },
  ];
}

/** Waits until the status tells the cause, and says how long that took. */
async function told(
  { report }: World,
  alice: Person,
  fault: Fault,
  state: string,
): Promise<void> {
  const begin = performance.now();
  const seen: string[] = [];
  const status = await until(
    `status ${state} with ${fault.reason}`,
    async (): Promise<ServerStatus | false> => {
      const now = await alice.status(SERVER);
      const words = `${now.state}/${now.reason}`;
      if (seen.at(-1) !== words) {
        seen.push(words);
      }
      return now.state === state && now.reason === fault.reason && now;
    },
    { seconds: 40, everyMs: 100 },
  ).catch(error => {
    throw new Error(`${error.message}; seen: ${seen.join(', ')}`);
  });
  const took = performance.now() - begin;
  report.figure(
    `${state}/${status.reason} after ${seconds(took)}: ${status.message} ${
      status.hint ?? ''
    }`,
  );
  if (fault.stderr) {
    assert.match((status.stderr ?? []).join('\n'), fault.stderr);
    report.figure(`stderr: ${status.stderr?.slice(-2).join(' | ')}`);
  }
  assert.ok(status.hint, 'a hint is missing');
  assert.ok(
    took <= LIMIT_MS,
    `took ${seconds(took)}; on the way: ${seen.join(', ')}`,
  );
}

/** Calls again and again until stopped; every single call has to succeed. */
function keepCalling(alice: Person): () => Promise<number> {
  let on = true;
  const calls = (async () => {
    let count = 0;
    while (on) {
      const client = await McpClient.connect(alice, SERVER);
      await client.call('now');
      await client.close();
      count += 1;
      await sleep(100);
    }
    return count;
  })();
  calls.catch(() => {}); // reported by whoever stops
  return () => {
    on = false;
    return calls;
  };
}

async function asNew(world: World, alice: Person, fault: Fault): Promise<void> {
  await removeServer(alice, SERVER);
  const operation = await alice.deploy(world.spec(SERVER, fault.change));
  try {
    await told(world, alice, fault, 'Failed');
    const { state, error } = await alice.ended(operation, 60);
    assert.equal(state, 'failed');
    assert.equal(error?.reason, fault.reason);
  } finally {
    await removeServer(alice, SERVER);
  }
}

async function asUpdate(
  world: World,
  alice: Person,
  fault: Fault,
): Promise<void> {
  await withServer(alice, world.spec(SERVER), async () => {
    const stop = keepCalling(alice);
    const operation = await alice.update(
      SERVER,
      world.spec(SERVER, fault.change),
    );
    await told(world, alice, fault, 'Degraded');
    const { state } = await alice.ended(operation, 60);
    await sleep(2_000);
    const { revision } = await alice.server(SERVER);
    // It is only told when it is not the wanted one.
    const { servingRevision = revision } = await alice.status(SERVER);
    const calls = await stop();
    world.report.figure(
      `${calls} sessions of one call each meanwhile, none failed; revision ${servingRevision} serves`,
    );
    assert.equal(state, 'failed');
    // The first one, or the one that the automatic rollback made of it.
    assert.ok([1, 3].includes(servingRevision), `${servingRevision} serves`);
  });
}

/** What is wrong is said in words within seconds, and what served before still serves. */
export const brokenImages: Drill = {
  title: 'images and servers that do not start',
  async run(world) {
    const alice = await world.person('alice');
    for (const fault of await faultsOf(world)) {
      await world.report.check(`${fault.name}, as a new server`, () =>
        asNew(world, alice, fault),
      );
      await world.report.check(`${fault.name}, as an update`, () =>
        asUpdate(world, alice, fault),
      );
    }
  },
};
