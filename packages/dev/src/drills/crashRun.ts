import assert from 'node:assert/strict';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import { waitForPeople } from '../portal/waitForPeople.ts';
import { agree, noOrphans, PREFIX } from './crash/agreement.ts';
import { Chance } from './crash/Chance.ts';
import { Hand } from './crash/Hand.ts';
import { Ledger, type OperationRow } from './crash/Ledger.ts';
import { pagesAgree } from './crash/pagesAgree.ts';
import { Wreckers } from './crash/Wreckers.ts';
import { Written } from './crash/Written.ts';
import type { Backend } from './world/Backend.ts';
import { median, ms, percentile, seconds } from './world/stats.ts';
import { removeServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVERS = 6;
/** Between two sign-ins of a long run; a token lasts an hour. */
const FAULTS_PER_TOKEN = 40;
/** After the end of a change every open page shows it within this time, at whichever backend it is. */
const PAGE_MS = 2_000;

interface Part {
  database: string;
  backends: readonly Backend[];
  kills: number;
  pauses: number;
}

function tell(
  { report }: World,
  found: {
    ledger: Ledger;
    rows: OperationRow[];
    written: Written;
    wreckers: Wreckers;
    faults: number;
  },
): void {
  const { ledger, rows, written, wreckers, faults } = found;
  const superseded = rows.filter(({ state }) => state === 'cancelled').length;
  const taken = [...wreckers.taken.values()];
  const runs = taken.reduce((sum, count) => sum + count, 0);
  report.figure(
    `${ledger.size} operations promised, ${ledger.refused} refused; ${ledger.repeated} requests had to be sent again; ${superseded} superseded; ${written.changes} states written`,
  );
  report.figure(
    `${
      wreckers.met
    } of ${faults} faults met operations under way; carried out by ${taken.join(
      ' and ',
    )} runs, ${runs - rows.length + superseded} at least of them to go on`,
  );
  report.figure(
    `ready again after ${seconds(median(wreckers.startMs))} (median)`,
  );
}

async function wreck(world: World, part: Part): Promise<void> {
  const { kube, report, amounts } = world;
  const { backends, database } = part;
  const ledger = new Ledger();
  const written = new Written();
  const stopWatching = await kube.watch(
    'apis/apps/v1/deployments',
    (_type, object) => {
      if (object.metadata.name.startsWith(`mcp-${PREFIX}`)) {
        written.note(object);
      }
    },
  );
  const atAll = async () => {
    const alice = await world.person('alice', backends[0]);
    return backends.map(({ url }) => alice.at(url));
  };
  let people = await atAll();
  const hands = Array.from(
    { length: SERVERS },
    (_, index) =>
      new Hand({
        // Every other one has a secret too.
        spec: world.spec(
          `${PREFIX}${index}`,
          index % 2 ? { secrets: ['TOKEN'] } : {},
        ),
        ledger,
        chance: new Chance(amounts.seed + index + 1),
        people: () => people,
      }),
  );
  const operations = () =>
    world.rows<OperationRow>(
      backends[0],
      `select id, server_id, server_name, seq, kind, state, principal, target, error from operations where server_name like '${PREFIX}%'`,
    );
  const wreckers = new Wreckers({
    backends,
    chance: new Chance(amounts.seed),
    underWay: async () =>
      (await operations()).filter(({ state }) => state === 'running').length,
  });
  const faults = part.kills + part.pauses;
  let working = true;
  try {
    await report.check(
      `${database}: ${part.kills} kills and ${part.pauses} pauses, ${SERVERS} servers changed all the while`,
      async () => {
        const work = Promise.all(hands.map(hand => hand.work(() => working)));
        const wrecked = wreckers.run(part, async done => {
          if (done % FAULTS_PER_TOKEN === 0) {
            people = await atAll();
          }
          if (done % 10 === 0) {
            report.figure(`${done} of ${faults}; ${ledger.size} operations`);
          }
        });
        // One that breaks off takes nothing from the other, which the checks after it build upon.
        const [faulty, stuck] = await Promise.allSettled([
          wrecked.finally(() => (working = false)),
          work,
        ]);
        for (const one of [faulty, stuck]) {
          assert.ok(one.status === 'fulfilled', String(Object(one).reason));
        }
      },
    );
    people = await atAll();
    await report.check(`${database}: every operation ends`, async () => {
      await until(
        'the end of all operations',
        async () =>
          (
            await operations()
          ).every(({ state }) => !['queued', 'running'].includes(state)),
        { seconds: 300, everyMs: 1_000 },
      );
    });
    const rows = await operations();
    const none = async (what: string, found: string[]) =>
      report.check(`${database}: 0 ${what}`, async () =>
        assert.deepEqual(found, []),
      );
    await none('acknowledged operations lost', ledger.lost(rows));
    await none('requests accepted twice', ledger.twice(rows));
    await none('operations that ended badly', Ledger.unwell(rows));
    await none('writes by a runner that was replaced', written.overtaken);
    await none('states written twice or late', written.outOfOrder(rows));
    const living = new Set<string>();
    await report.check(`${database}: all is as promised`, async () => {
      for (const hand of hands) {
        const id = await agree(world, people[0], hand);
        living.add(id ?? '');
      }
    });
    const carol = await world.person('carol', backends[0]);
    await report.check(`${database}: 0 orphans`, () =>
      noOrphans(world, carol, living),
    );
    tell(world, { ledger, rows, written, wreckers, faults });
    if (backends.length > 1) {
      await report.check(`${database}: the work is shared`, async () => {
        const counts = backends.map(one => wreckers.taken.get(one) ?? 0);
        assert.ok(Math.min(...counts) * 10 >= Math.max(...counts), `${counts}`);
      });
      await report.check(
        `${database}: pages at each are right within ${ms(PAGE_MS)}`,
        async () => {
          const lags = await pagesAgree(world, people);
          const longest = percentile(lags, 1);
          report.figure(
            `pages: p50 ${ms(median(lags))}, longest ${ms(longest)} of ${
              lags.length
            }`,
          );
          assert.ok(longest <= PAGE_MS, ms(longest));
        },
      );
    }
    await report.check(`${database}: nothing is left in the end`, async () => {
      for (const { name } of hands) {
        await removeServer(people[0], name);
      }
      await noOrphans(world, carol, new Set());
    });
  } finally {
    working = false;
    stopWatching();
  }
}

/** Whatever is done to backends, what they promised is done, once, and nothing is left lying about. */
export const crashRun: Drill = {
  title: 'backends killed and paused at random under a stream of changes',
  async run(world) {
    const { first, second, embedded, amounts } = world;
    const half = (count: number) => Math.floor(count / 2);
    await first.stop();
    await embedded.start();
    await waitForPeople(embedded.ports);
    await wreck(world, {
      database: 'SQLite',
      backends: [embedded],
      kills: half(amounts.kills),
      pauses: half(amounts.pauses),
    });
    await embedded.stop();
    await first.start();
    await second.start();
    await wreck(world, {
      database: 'PostgreSQL, two backends',
      backends: [first, second],
      kills: amounts.kills - half(amounts.kills),
      pauses: amounts.pauses - half(amounts.pauses),
    });
    await second.stop();
  },
};
