import assert from 'node:assert/strict';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import { isReady } from './world/Kube.ts';
import type { Pod } from './world/restModel.ts';
import { SignalSocket } from './world/SignalSocket.ts';
import { ms, percentile } from './world/stats.ts';
import { withServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-change';
const ROUNDS = 20;
const LIMIT_MS = 1_000;

/** When something happened for the first time, by what it is about. */
class Firsts {
  readonly #times = new Map<string, number>();

  note(what: string): void {
    if (!this.#times.has(what)) {
      this.#times.set(what, performance.now());
    }
  }

  at(what: string): number | undefined {
    return this.#times.get(what);
  }
}

/** What can be seen of a pod. */
function facts(pods: Pod[], of: (fact: string) => void): void {
  for (const { uid, ready, state } of pods) {
    if (ready) {
      of(`${uid} ready`);
    }
    if (state === 'Terminating') {
      of(`${uid} ending`);
    }
  }
}

/** From a change in the cluster until somebody with an open page sees it: by signal and the reading after it. */
export const changeToStatus: Drill = {
  title: `from a pod's change to the status, ${ROUNDS} times`,
  async run(world) {
    const { kube, report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async ({ serverId }) => {
      const inCluster = new Firsts();
      const onPage = new Firsts();
      const told = new Firsts();
      const stopWatching = await kube.watch('api/v1/pods', (type, pod) => {
        const { uid, labels, deletionTimestamp } = pod.metadata;
        if (labels?.['mcp-cloud.io/server'] !== serverId) {
          return;
        }
        if (isReady(pod)) {
          inCluster.note(`${uid} ready`);
        }
        if (deletionTimestamp || type === 'DELETED') {
          inCluster.note(`${uid} ending`);
        }
      });
      const known = new Set<string>();
      let reading = false;
      let again = false;
      const read = async (version: number): Promise<void> => {
        if (reading) {
          again = true;
          return;
        }
        reading = true;
        const { items } = await alice.ask<{ items: Pod[] }>(
          'GET',
          `/servers/${SERVER}/pods?after=${version}`,
        );
        facts(items, fact => onPage.note(fact));
        const now = new Set(items.map(({ uid }) => uid));
        // A pod that is gone before anyone looked has been seen to end.
        [...known]
          .filter(uid => !now.has(uid))
          .forEach(uid => onPage.note(`${uid} ending`));
        now.forEach(uid => known.add(uid));
        reading = false;
        if (again) {
          again = false;
          await read(version);
        }
      };
      const socket = await SignalSocket.open(alice, (id, version) => {
        if (id === undefined || id === serverId) {
          told.note(String(version));
          read(version).catch(() => {
            reading = false;
          });
        }
      });
      await read(0);

      const ending: number[] = [];
      const ready: number[] = [];
      const lag = (fact: string) =>
        until(
          fact,
          async () => {
            const [there, here] = [inCluster.at(fact), onPage.at(fact)];
            return (
              there !== undefined &&
              here !== undefined &&
              Math.max(0, here - there) + Number.EPSILON
            );
          },
          { seconds: 60, everyMs: 20 },
        );
      for (let round = 0; round < ROUNDS; round += 1) {
        const [victim] = await kube.readyPods(serverId);
        const { uid, name } = victim.metadata;
        await kube.deletePod(name);
        ending.push(await lag(`${uid} ending`));
        const next = await until(
          'the next pod',
          async () =>
            (
              await kube.readyPods(serverId)
            ).find(pod => pod.metadata.uid !== uid),
          { seconds: 60 },
        );
        ready.push(await lag(`${next.metadata.uid} ready`));
      }
      socket.close();
      stopWatching();
      for (const [what, values] of [
        ['a deleted pod', ending],
        ['a ready pod', ready],
      ] as const) {
        await report.check(
          `${what} shows within ${LIMIT_MS} ms, p95 of ${ROUNDS}`,
          async () => {
            const p95 = percentile(values, 0.95);
            report.figure(
              `${what}: p50 ${ms(percentile(values, 0.5))}, p95 ${ms(
                p95,
              )}, longest ${ms(percentile(values, 1))}`,
            );
            assert.equal(values.length, ROUNDS);
            assert.ok(p95 <= LIMIT_MS, ms(p95));
          },
        );
      }
    });
  },
};
