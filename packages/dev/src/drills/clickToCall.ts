import assert from 'node:assert/strict';
import { McpClient } from './world/McpClient.ts';
import type { Operation } from './world/restModel.ts';
import { median, seconds } from './world/stats.ts';
import { removeServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-click';
const RUNS = 5;
const AIM_MS = 5_000;

/** Where the time of a deploy went. */
function profile({ createdAt, steps }: Operation): string {
  let last = Date.parse(createdAt);
  return steps
    .filter(({ finishedAt }) => finishedAt)
    .map(({ name, finishedAt }) => {
      const took = Date.parse(finishedAt!) - last;
      last += took;
      return `${name} ${seconds(took)}`;
    })
    .join(', ');
}

async function once(world: World, turn: number): Promise<number> {
  const alice = await world.person('alice');
  // The image's own server and nothing special, as from the form.
  const spec = {
    ...world.spec(SERVER, { env: { GREETING: 'Hello' } }),
    command: undefined,
  };
  await removeServer(alice, SERVER);
  const begin = performance.now();
  const operation = await alice.done(await alice.deploy(spec));
  const deployed = performance.now() - begin;
  const client = await McpClient.connect(alice, SERVER);
  const answer = await client.call('greet', { name: 'drill' });
  const total = performance.now() - begin;
  assert.equal(answer, 'Hello, drill!');
  await client.close();
  world.report.figure(
    `run ${turn}: ${seconds(total)} (${profile(
      operation,
    )}; seen done after ${seconds(deployed)}, first call ${seconds(
      total - deployed,
    )})`,
  );
  await removeServer(alice, SERVER);
  return total;
}

/** From the click to the first call that works, with the image on the node. */
export const clickToCall: Drill = {
  title: 'from POST /servers to the first successful tool call',
  async run(world) {
    await once(world, 0); // brings the image to the node
    await world.report.check(
      `median of ${RUNS} at most ${AIM_MS / 1000} s`,
      async () => {
        const times: number[] = [];
        for (let turn = 1; turn <= RUNS; turn += 1) {
          times.push(await once(world, turn));
        }
        world.report.figure(`median ${seconds(median(times))}`);
        assert.ok(median(times) <= AIM_MS, seconds(median(times)));
      },
    );
  },
};
