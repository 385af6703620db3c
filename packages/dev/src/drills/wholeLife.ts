import assert from 'node:assert/strict';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import { McpClient } from './world/McpClient.ts';
import { seconds } from './world/stats.ts';
import { removeServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-life';

/** The ordinary life of a server, up to its end, of which nothing may be left. */
export const wholeLife: Drill = {
  title: 'scale, a session, a killed pod, deletion',
  async run(world) {
    const { kube, report } = world;
    const alice = await world.person('alice');
    await removeServer(alice, SERVER);
    const spec = world.spec(SERVER, { secrets: ['TOKEN'] });
    const { serverId } = await alice.done(
      await alice.deploy(spec, { secretValues: { TOKEN: 'of a drill' } }),
    );
    const session = await McpClient.connect(alice, SERVER);
    const calls = async () =>
      (JSON.parse(await session.call('now')) as { called: number }).called;
    assert.equal(await calls(), 1);

    await report.check('scaled to 3 there are three ready pods', async () => {
      const begin = performance.now();
      await alice.done(await alice.scale(SERVER, 3));
      report.figure(`after ${seconds(performance.now() - begin)}`);
      assert.equal((await kube.readyPods(serverId)).length, 3);
      assert.equal((await alice.status(SERVER)).pods.ready, 3);
    });
    await report.check(
      'a session keeps working, with its state, beside others',
      async () => {
        for (let turn = 2; turn <= 12; turn += 1) {
          assert.equal(await calls(), turn);
          const another = await McpClient.connect(alice, SERVER);
          await another.call('now');
          await another.close();
        }
      },
    );
    // Its pod may be the one that is killed.
    await session.close();
    await report.check('a killed pod shows, and comes back', async () => {
      const [victim] = await kube.readyPods(serverId);
      const begin = performance.now();
      await kube.deletePod(victim.metadata.name, 0);
      const { state, message } = await until(
        'a status that tells of it',
        async () => {
          const now = await alice.status(SERVER);
          return now.state !== 'Running' && now;
        },
        { seconds: 10, everyMs: 20 },
      );
      report.figure(
        `${state} after ${Math.round(
          performance.now() - begin,
        )} ms: ${message}`,
      );
      await until(
        'Running again',
        async () => (await alice.status(SERVER)).state === 'Running',
        { seconds: 60 },
      );
      report.figure(
        `Running again after ${seconds(performance.now() - begin)}`,
      );
      assert.equal((await kube.readyPods(serverId)).length, 3);
    });
    await report.check('deleted, nothing is left of it', async () => {
      const before = await kube.objectsOf({ id: serverId, name: SERVER });
      const begin = performance.now();
      await alice.done(await alice.delete(SERVER), 120);
      report.figure(
        `${before.length} objects were gone after ${seconds(
          performance.now() - begin,
        )}`,
      );
      // What Kubernetes itself made for our objects follows by its own garbage collection.
      await until(
        'no object',
        async () =>
          (await kube.objectsOf({ id: serverId, name: SERVER })).length === 0,
        { seconds: 20 },
      );
      const { status } = await alice.send('GET', `/servers/${SERVER}`);
      assert.equal(status, 404);
    });
  },
};
