import assert from 'node:assert/strict';
import { BACKEND } from '../portal/services.ts';
import { sleep, until } from '../../../dev-cluster/src/system/wait.ts';
import { running } from '../system/detached.ts';
import { ms, seconds } from './world/stats.ts';
import { McpClient } from './world/McpClient.ts';
import { Person } from './world/Person.ts';
import { keptNothing, refusesSecrets } from './world/refusesSecrets.ts';
import { withServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-database';
const AWAY_MS = 30_000;
const TOLD_MS = 2_000;

interface Refused {
  error?: { message?: string };
}

/** It is refused soon, and in words that tell whose fault it is. */
async function refused(
  { report }: World,
  who: string,
  person: Person,
  [method, path, body]: readonly [string, string, object?],
): Promise<void> {
  const answer = await person.send<Refused>(method, path, body, {
    Accept: 'application/json, text/event-stream',
  });
  const words = answer.body.error?.message ?? '';
  report.figure(
    `${who}: ${method} ${path}: ${answer.status} after ${ms(
      answer.ms,
    )}: ${words}`,
  );
  assert.equal(answer.status, 503);
  assert.match(words, /database does not answer/);
  assert.ok(answer.ms <= TOLD_MS, ms(answer.ms));
}

/** A database that is stopped under a backend, and comes back. */
export const awayDatabase: Drill = {
  title: 'PostgreSQL away for 30 s',
  async run(world) {
    const { database, first, report } = world;
    const alice = await world.person('alice');
    const backend = running(first.state.pid(BACKEND));
    await withServer(alice, world.spec(SERVER), async () => {
      const client = new Person(first.url, await alice.createToken(SERVER));
      const session = await McpClient.connect(alice, SERVER);
      const scaled = await alice.scale(SERVER, 2);
      await database.stop();
      const begin = performance.now();
      try {
        await report.check(
          `requests say so within ${seconds(TOLD_MS)}`,
          async () => {
            for (const path of [
              '/servers',
              `/servers/${SERVER}`,
              `/servers/${SERVER}/status`,
              `/operations/${scaled.id}`,
            ]) {
              await refused(world, 'Alice', alice, ['GET', path]);
            }
          },
        );
        await report.check('so do calls, and no token is void', async () => {
          const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
          const call = ['POST', `/servers/${SERVER}/mcp`, ping] as const;
          await refused(world, 'Alice', alice, call);
          await refused(world, 'an MCP client', client, call);
        });
        await refusesSecrets(world, alice);
        await sleep(AWAY_MS - (performance.now() - begin));
      } finally {
        await database.start();
      }
      const back = performance.now();
      await report.check('all goes on by itself', async () => {
        await until(
          'the list of servers',
          async () => (await alice.send('GET', '/servers')).status === 200,
          { seconds: 30 },
        );
        const listed = performance.now() - back;
        await alice.done(scaled, 120);
        report.figure(
          `lists after ${seconds(
            listed,
          )}, the operation that was under way after ${seconds(
            performance.now() - back,
          )}`,
        );
      });
      await report.check('a session from before goes on', async () => {
        await session.call('now');
        await session.close();
      });
      await keptNothing(world, alice);
      await report.check('the backend is the same process', async () =>
        assert.deepEqual(running(first.state.pid(BACKEND)), backend),
      );
    });
  },
};
