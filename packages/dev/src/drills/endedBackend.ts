import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import { followLogs } from './world/followLogs.ts';
import { RawMcp } from './world/RawMcp.ts';
import { SignalSocket } from './world/SignalSocket.ts';
import { seconds } from './world/stats.ts';
import { withServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-ended';
const LIMIT_MS = 5_000;

/** Open streams must not keep a backend from ending: an HTTP server by itself waits for all of them. */
export const endedBackend: Drill = {
  title: 'SIGTERM of the backend with streams open',
  async run(world) {
    const { first, report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async () => {
      const session = await RawMcp.open(alice, SERVER);
      const streams = [
        await session.listen(),
        await followLogs(alice, SERVER),
        await session.callTool('ticks', { count: 300 }),
      ];
      streams.forEach(({ status }) => assert.equal(status, 200));
      const socket = await SignalSocket.open(alice, () => {});
      const ended = Promise.all(streams.map(stream => stream.read(() => {})));
      await sleep(1_000);
      await report.check(`gone within ${LIMIT_MS / 1000} s`, async () => {
        const took = await first.terminate();
        report.figure(
          `log follow, MCP GET stream, a call and signals open: gone after ${seconds(
            took,
          )}`,
        );
        await ended;
        socket.close();
        assert.ok(took <= LIMIT_MS, seconds(took));
      });
      await first.start();
    });
  },
};
