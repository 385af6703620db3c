import assert from 'node:assert/strict';
import { sleep, until } from '../../../dev-cluster/src/system/wait.ts';
import { apiServerPid, killApiServer } from './world/apiServer.ts';
import { median, ms, seconds } from './world/stats.ts';
import { keptNothing, refusesSecrets } from './world/refusesSecrets.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-dead';
const AWAY_MS = 60_000;
const TOLD_MS = 2_000;
const BACK_MS = 15_000;
const LIST_MS = 200;

async function run(world: World, pid: number): Promise<void> {
  const { report } = world;
  const alice = await world.person('alice');
  await withServer(alice, world.spec(SERVER), async () => {
    const begin = performance.now();
    const bringBack = killApiServer(world, pid);
    let scaled;
    try {
      await report.check(
        `the status says Unknown within ${seconds(TOLD_MS)}`,
        async () => {
          const { reason, message } = await until(
            'Unknown',
            async () => {
              const now = await alice.status(SERVER);
              return now.state === 'Unknown' && now;
            },
            { seconds: 30, everyMs: 20 },
          );
          const took = performance.now() - begin;
          report.figure(`after ${ms(took)}: ${reason}: ${message}`);
          assert.ok(took <= TOLD_MS, ms(took));
        },
      );
      await report.check('lists stay quick', async () => {
        const times: number[] = [];
        for (let i = 0; i < 20; i += 1) {
          times.push((await alice.send('GET', '/servers')).ms);
        }
        report.figure(`GET /servers takes ${ms(median(times))} (median)`);
        assert.ok(median(times) <= LIST_MS);
      });
      await refusesSecrets(world, alice);
      scaled = await alice.scale(SERVER, 2);
      await sleep(AWAY_MS - (performance.now() - begin));
    } finally {
      bringBack();
    }
    const back = performance.now();
    const operation = scaled!;
    await report.check('all goes on by itself', async () => {
      await until(
        'another state than Unknown',
        async () => (await alice.status(SERVER)).state !== 'Unknown',
        { seconds: 60 },
      );
      const known = performance.now() - back;
      await alice.done(operation, 120);
      await until(
        'two ready pods',
        async () => (await alice.status(SERVER)).pods.ready === 2,
        { seconds: 60 },
      );
      report.figure(
        `known again ${seconds(
          known,
        )} after the start of the API server, what was accepted meanwhile done after ${seconds(
          performance.now() - back,
        )}`,
      );
      assert.ok(known <= BACK_MS, seconds(known));
    });
    await keptNothing(world, alice);
  });
}

/** An API server that is killed, and away for a while. */
export const deadApiServer: Drill = {
  title: 'the API server killed, for 60 s',
  async run(world) {
    const pid = await apiServerPid(world);
    if (pid === undefined) {
      world.report.skip(
        'a killed API server',
        'only the embedded cluster has its process here',
      );
      return;
    }
    await run(world, pid);
  },
};
