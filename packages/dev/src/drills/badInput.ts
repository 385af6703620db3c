import assert from 'node:assert/strict';
import { Person } from './world/Person.ts';
import { withServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-input';
const FRESH = 'drill-input-new';
const MEGABYTE = 1024 * 1024;

interface Problem {
  error?: { message?: string };
}

/** One request that has to be refused. */
interface Wrong {
  name: string;
  who: Person;
  method: string;
  path: string;
  body?: unknown;
  status: number;
  /** What the words have to tell. */
  words: RegExp;
}

/** What people get wrong is refused with words that say what to do, and leaves nothing half-made. */
export const badInput: Drill = {
  title: 'bad input over REST',
  async run(world) {
    const { kube, report } = world;
    const [alice, bob] = await Promise.all([
      world.person('alice'),
      world.person('bob'),
    ]);
    const nobody = new Person(world.first.url, undefined);
    await withServer(alice, world.spec(SERVER), async () => {
      const create = (
        name: string,
        spec: object,
        status: number,
        words: RegExp,
        who = alice,
      ): Wrong => ({
        name,
        who,
        method: 'POST',
        path: '/servers',
        body: { spec: { ...world.spec(FRESH), ...spec } },
        status,
        words,
      });
      const scale = (replicas: unknown, words: RegExp): Wrong => ({
        name: `replicas ${replicas}`,
        who: alice,
        method: 'POST',
        path: `/servers/${SERVER}/scale`,
        body: { replicas },
        status: 400,
        words,
      });
      const wrongs: Wrong[] = [
        create(
          'a bad image name',
          { image: 'UPPER case:1' },
          400,
          /image.*registry\/path:tag/,
        ),
        create(
          'a name that is taken',
          { name: SERVER },
          409,
          /taken|already|another name/i,
        ),
        create(
          'a name of 60 characters',
          { name: 'a'.repeat(60) },
          400,
          /at most 40 characters/,
        ),
        create('a name with --', { name: 'a--b' }, 400, /single hyphens/),
        scale(-1, /at least 1/),
        scale(1.5, /whole number/),
        scale(10_001, /at most 10,000/),
        create(
          'an unknown cluster',
          { cluster: 'nowhere' },
          400,
          /cluster.*nowhere/i,
        ),
        create('an unknown field', { imagee: 'x' }, 400, /imagee.*spelling/),
        create(
          'a value of 2 MB',
          { env: { BIG: 'x'.repeat(2 * MEGABYTE) } },
          400,
          /at most 32,768 characters/,
        ),
        create(
          'a body of 50 MB',
          { env: { BIG: 'x'.repeat(50 * MEGABYTE) } },
          413,
          /at most 5 MB/,
        ),
        create(
          'an owner who is not mine',
          { owner: 'group:default/team-b' },
          403,
          /team-b/,
        ),
        create('no token', {}, 401, /./, nobody),
        {
          name: 'a user without permission',
          who: bob,
          method: 'POST',
          path: `/servers/${SERVER}/scale`,
          body: { replicas: 2 },
          status: 403,
          words: /./,
        },
      ];
      for (const { name, who, method, path, body, status, words } of wrongs) {
        await report.check(name, async () => {
          const answer = await who.send<Problem>(method, path, body);
          const message =
            answer.body?.error?.message ??
            JSON.stringify(answer.body).slice(0, 300);
          report.figure(`${answer.status} ${message.slice(0, 200)}`);
          assert.equal(answer.status, status);
          assert.match(message, words);
        });
      }
      await report.check('the refusal stands in the audit table', async () => {
        const rows = await world.query(
          `select event, outcome, principal, reason from audit_events where server_name = '${SERVER}' and outcome = 'refused'`,
        );
        report.figure(rows.split('\n').at(-2) ?? 'no row');
        assert.match(rows, /server-scale\|refused\|user:default\/bob/);
      });
      await report.check('nothing half-made is left', async () => {
        assert.deepEqual(await kube.objectsOf({ name: FRESH }), []);
        assert.equal(
          (await alice.send('GET', `/servers/${FRESH}`)).status,
          404,
        );
        const { replicas, revision } = await alice.server(SERVER);
        assert.deepEqual({ replicas, revision }, { replicas: 1, revision: 1 });
        const rows = await world.query(
          `select count(*) from servers where name = '${FRESH}'`,
        );
        assert.equal(rows.trim(), '0');
      });
    });
  },
};
