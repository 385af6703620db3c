import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import { inWords, requestsWithin, totalOf } from './world/requests.ts';
import { view } from './world/view.ts';
import { withServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-viewed';
const VIEWERS = 5;
const WINDOW_MS = 60_000;
const isList = ({ verb }: { verb: string }) => verb === 'LIST';

/** Who looks costs the cluster nothing: pages are answered from one picture. */
export const viewersAndLists: Drill = {
  title: `LIST requests with ${VIEWERS} viewers and with none`,
  async run(world) {
    const { report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async () => {
      await sleep(5_000);
      const without = await requestsWithin(world, WINDOW_MS, isList);
      let asked = 0;
      const stops = await Promise.all(
        Array.from({ length: VIEWERS }, () =>
          view(alice, SERVER, () => (asked += 1)),
        ),
      );
      const withViewers = await requestsWithin(world, WINDOW_MS, isList);
      stops.forEach(stop => stop());
      report.figure(
        `within 60 s without viewers: ${totalOf(without)} (${inWords(
          without,
        )})`,
      );
      report.figure(
        `within 60 s with ${VIEWERS} viewers, who sent ${asked} requests: ${totalOf(
          withViewers,
        )} (${inWords(withViewers)})`,
      );
      await report.check('viewers cause no LIST', async () => {
        for (const [name, count] of withViewers) {
          // Samples of metrics are due by the clock.
          const byTheClock = name === 'LIST pods.metrics.k8s.io' ? 1 : 0;
          assert.ok(
            count <= (without.get(name) ?? 0) + byTheClock,
            `${name}: ${count} instead of ${without.get(name) ?? 0}`,
          );
        }
      });
    });
  },
};
