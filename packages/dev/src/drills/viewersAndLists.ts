import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import type { Person } from './world/Person.ts';
import { SignalSocket } from './world/SignalSocket.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-viewed';
const VIEWERS = 5;
const WINDOW_MS = 60_000;
/** What the pages ask for again and again, and how often without a signal. */
const PERIOD_MS = 10_000;
const views = [
  '/servers',
  '/clusters',
  `/servers/${SERVER}`,
  `/servers/${SERVER}/status`,
  `/servers/${SERVER}/pods`,
  `/servers/${SERVER}/events`,
  `/servers/${SERVER}/metrics`,
  `/servers/${SERVER}/operations`,
];

/** LIST requests so far, by resource. Samples of metrics are due by the clock, so their number may differ by one. */
async function listsSoFar({ kube }: World): Promise<Map<string, number>> {
  const { text } = await kube.request('GET', '/metrics');
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (
      line.startsWith('apiserver_request_total{') &&
      line.includes('verb="LIST"')
    ) {
      const resource = /resource="([^"]*)"/.exec(line)?.[1] ?? '';
      const group = /group="([^"]*)"/.exec(line)?.[1];
      const name = group ? `${resource}.${group}` : resource;
      const value = Number(line.slice(line.lastIndexOf(' ')));
      counts.set(name, (counts.get(name) ?? 0) + value);
    }
  }
  return counts;
}

/** LIST requests within a minute, by resource. */
async function listsWithin(world: World): Promise<Map<string, number>> {
  const before = await listsSoFar(world);
  await sleep(WINDOW_MS);
  const after = await listsSoFar(world);
  return new Map(
    [...after]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

const inWords = (lists: Map<string, number>) =>
  [...lists].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
const totalOf = (lists: Map<string, number>) =>
  [...lists.values()].reduce((sum, count) => sum + count, 0);

/** Looks as an open page does: holds the socket, reads anew on each signal and every 10 s. Returns how to stop. */
async function watch(person: Person, count: () => void): Promise<() => void> {
  const read = () => {
    for (const path of views) {
      count();
      person.send('GET', path).catch(() => {});
    }
  };
  const socket = await SignalSocket.open(person, read);
  const timer = setInterval(read, PERIOD_MS);
  read();
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

/** Who looks costs the cluster nothing: pages are answered from one picture. */
export const viewersAndLists: Drill = {
  title: `LIST requests with ${VIEWERS} viewers and with none`,
  async run(world) {
    const { report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async () => {
      await sleep(5_000);
      const without = await listsWithin(world);
      let asked = 0;
      const stops = await Promise.all(
        Array.from({ length: VIEWERS }, () => watch(alice, () => (asked += 1))),
      );
      const withViewers = await listsWithin(world);
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
          const byTheClock = name === 'pods.metrics.k8s.io' ? 1 : 0;
          assert.ok(
            count <= (without.get(name) ?? 0) + byTheClock,
            `${name}: ${count} instead of ${without.get(name) ?? 0}`,
          );
        }
      });
    });
  },
};
