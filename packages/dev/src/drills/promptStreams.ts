import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import { followLogs } from './world/followLogs.ts';
import { followPodLog } from './world/followPodLog.ts';
import { McpClient } from './world/McpClient.ts';
import { RawMcp } from './world/RawMcp.ts';
import { ms, percentile } from './world/stats.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-prompt';
const MESSAGES = 50;
/**
 * What buffers or compresses a stream holds all of it back to the end, for many seconds. How prompt it is beyond that,
 * the figures tell: a limit near them would fail on a busy machine.
 */
const HELD_BACK_MS = 1_000;

/** How far the clock in the pod is ahead of ours; the quickest of some questions knows best. */
async function clockAhead(client: McpClient): Promise<number> {
  let best = { roundTrip: Infinity, ahead: 0 };
  for (let turn = 0; turn < 10; turn += 1) {
    const begin = performance.now();
    const sent = Date.now();
    const { at } = JSON.parse(await client.call('now')) as { at: number };
    const roundTrip = performance.now() - begin;
    if (roundTrip < best.roundTrip) {
      best = { roundTrip, ahead: at - (sent + roundTrip / 2) };
    }
  }
  return best.ahead;
}

const inWords = (delays: number[]) =>
  `${delays.length} messages, p50 ${ms(percentile(delays, 0.5))}, p95 ${ms(
    percentile(delays, 0.95),
  )}, longest ${ms(percentile(delays, 1))}`;

function judge({ report }: World, what: string, delays: number[]): void {
  report.figure(`${what}: ${inWords(delays)}`);
  assert.equal(delays.length, MESSAGES);
  const middle = percentile(delays, 0.5);
  assert.ok(middle < HELD_BACK_MS, `they took ${ms(middle)}`);
}

/** What comes every 200 ms shall be seen every 200 ms, also by a client that would take a compressed answer. */
export const promptStreams: Drill = {
  title: 'progress and logs every 200 ms, asked for with Accept-Encoding: br',
  async run(world) {
    const { report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async ({ serverId }) => {
      const client = await McpClient.connect(alice, SERVER);
      const ahead = await clockAhead(client);
      report.figure(`clock of the pod ahead by ${ahead.toFixed(1)} ms`);
      const since = (text: string, at: number) => at - (Number(text) - ahead);

      await report.check('progress comes as it is sent', async () => {
        const session = await RawMcp.open(alice, SERVER);
        const call = await session.callTool('ticks', { count: MESSAGES });
        const delays: number[] = [];
        await call.read((data, at) => {
          const { method, params } = JSON.parse(data) as {
            method?: string;
            params?: { message: string };
          };
          if (method === 'notifications/progress' && params) {
            delays.push(since(params.message, at));
          }
        });
        await session.close();
        judge(world, 'progress', delays);
      });
      await report.check(
        'log lines come as the API server sends them',
        async () => {
          const [pod] = await world.kube.readyPods(serverId);
          const direct = new Map<string, number>();
          const ours = new Map<string, number>();
          const note =
            (seen: Map<string, number>) => (text: string, at: number) => {
              const sent = /drill line \d+ at (\d+)/.exec(text)?.[1];
              if (sent) {
                seen.set(sent, at);
              }
            };
          const stopDirect = await followPodLog(
            world.kube,
            pod.metadata.name,
            note(direct),
          );
          const log = await followLogs(alice, SERVER);
          const read = log.read(note(ours));
          await client.call('lines', { count: MESSAGES });
          await sleep(500);
          stopDirect();
          log.close();
          await read;
          const total = [...ours].map(([sent, at]) => since(sent, at));
          report.figure(`log, from the server's writing: ${inWords(total)}`);
          const added = [...ours].map(
            ([sent, at]) => at - (direct.get(sent) ?? NaN),
          );
          judge(world, 'log, added by the portal', added);
        },
      );
      await client.close();
    });
  },
};
