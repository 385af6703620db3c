import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { sleep, until } from '../../../dev-cluster/src/system/wait.ts';
import { apiServerPid } from './world/apiServer.ts';
import { seconds } from './world/stats.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-silent';
const PAUSE_MS = 60_000;
const LIMIT_MS = 15_000;
/** When a pod changes: so late that the news waits for the API server. */
const CHANGE_MS = 55_000;

/** The processes of a pod, which the kernel knows by the pod's cgroup. */
function bridgesOf(podUid: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return (
          readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(podUid) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mcp-bridge')
        );
      } catch {
        return false; // it ended while we looked
      }
    })
    .map(Number);
}

async function run(world: World, pid: number): Promise<void> {
  const { kube, report } = world;
  const alice = await world.person('alice');
  await withServer(alice, world.spec(SERVER), async ({ serverId }) => {
    const [pod] = await kube.readyPods(serverId);
    const begin = performance.now();
    process.kill(pid, 'SIGSTOP');
    try {
      await report.check(
        `the status says Unknown within ${LIMIT_MS / 1000} s`,
        async () => {
          const status = await until(
            'Unknown',
            async () => {
              const now = await alice.status(SERVER);
              return now.state === 'Unknown' && now;
            },
            { seconds: 30 },
          );
          const took = performance.now() - begin;
          report.figure(
            `after ${seconds(took)}: ${status.reason}: ${status.message} ${
              status.hint ?? ''
            }`,
          );
          assert.ok(status.message.length > 10);
          assert.ok(took <= LIMIT_MS, seconds(took));
        },
      );
      await report.check('pages stay quick while it is silent', async () => {
        const { ms } = await alice.send('GET', '/servers');
        report.figure(`GET /servers takes ${Math.round(ms)} ms`);
        assert.ok(ms < 1000);
      });
      await sleep(CHANGE_MS - (performance.now() - begin));
      bridgesOf(pod.metadata.uid).forEach(one => process.kill(one, 'SIGKILL'));
      await sleep(PAUSE_MS - (performance.now() - begin));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const woken = performance.now();
    await report.check(
      'right again by itself, with what happened meanwhile',
      async () => {
        await until(
          'Running, and a pod with one restart',
          async () => {
            const { state } = await alice.status(SERVER);
            const pods = await alice.pods(SERVER);
            return (
              state === 'Running' &&
              pods.some(
                ({ uid, restarts }) =>
                  uid === pod.metadata.uid && restarts === 1,
              )
            );
          },
          { seconds: 60 },
        );
        report.figure(
          `Running, 1 restart, ${seconds(
            performance.now() - woken,
          )} after SIGCONT`,
        );
      },
    );
  });
}

/** An API server that accepts connections and says nothing is the worst way for it to be gone. */
export const silentApiServer: Drill = {
  title: 'SIGSTOP of the API server for 60 s',
  async run(world) {
    const pid = await apiServerPid(world);
    if (pid === undefined) {
      world.report.skip(
        'SIGSTOP of the API server',
        'only the embedded cluster has its process here',
      );
      return;
    }
    await run(world, pid);
  },
};
