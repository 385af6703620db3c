// Many calls at a time, in every way in: nothing that the server says may reach another call or session.
import { startSubject, workServer } from './bridge.ts';
import { FRONTS } from './clients/fronts.ts';
import { modernWorker } from './clients/modern.ts';
import { openWorker, type Worker } from './clients/worker.ts';
import { Call, MAX_ID, Tally } from './ledger.ts';
import { check } from './report.ts';
import { sleep } from './wait.ts';

const AT_ONCE = 50;
const SESSIONS = [1, 5, 50];
const SHORT_SESSIONS = [5];
/** Processes of a pool that serve a call each; few in the short run, as each takes its time to start. */
const POOL = AT_ONCE;
const SHORT_POOL = 8;

/** Ids that clients may choose, some of them several times at once, as JSON. */
const IDS = [
  '1',
  '"1"',
  '-1',
  '0',
  '9007199254740991',
  '-9007199254740991',
  '"__proto__"',
  '"constructor"',
  '""',
  '"\\u0000 \\"quoted\\" ✓"',
  '7',
  '7',
  '"7"',
  JSON.stringify('i'.repeat(MAX_ID - 2)),
];
/** Refused, which must concern nobody else. */
const HUGE = JSON.stringify('i'.repeat(1_000_000));
const TOKENS = [1, '1', 'token', '__proto__', -1, Number.MAX_SAFE_INTEGER];

interface Run {
  readonly name: string;
  readonly isolation: 'session' | 'shared';
  readonly era: 'legacy' | 'auto';
  readonly open: (options: Parameters<typeof openWorker>[1]) => Promise<Worker>;
  /** Clients say that they can be asked, and are. */
  readonly asked: boolean;
  /** Each log message can be told to belong to a call, or else to its session. */
  readonly allLogs: boolean;
  /** A call in which the server asks holds a process of the pool, so that there are only so many at a time. */
  readonly holdsProcess?: boolean;
}

function runs(): Run[] {
  const legacy = (isolation: Run['isolation'], asked: boolean): Run[] =>
    Object.keys(FRONTS).map(front => ({
      name: `${front}, ${isolation}${asked ? '' : ', never asked'}`,
      isolation,
      era: 'legacy',
      open: options => openWorker(front, options),
      asked,
      allLogs: isolation === 'session' || asked,
    }));
  const modern = (isolation: Run['isolation'], era: Run['era']): Run => ({
    name: `2026-07-28, ${isolation}, ${
      era === 'auto' ? 'as the server' : 'over a legacy server'
    }`,
    isolation,
    era,
    open: async options => modernWorker(options),
    asked: true,
    allLogs: era === 'legacy',
    holdsProcess: era === 'legacy',
  });
  return [
    ...legacy('session', true),
    ...legacy('shared', true),
    ...legacy('shared', false),
    modern('session', 'auto'),
    modern('session', 'legacy'),
    modern('shared', 'legacy'),
  ];
}

/** Lets so many through at a time. */
function turnstile(atOnce: number) {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work: () => Promise<void>): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>(resolve => waiting.push(resolve));
    await work();
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
}

async function attempt(run: Run, short: boolean): Promise<Tally> {
  const { isolation, era, asked, holdsProcess } = run;
  const sessions = short ? SHORT_SESSIONS : SESSIONS;
  const pool = short ? SHORT_POOL : POOL;
  const limits = ['--max-sessions', '100', '--pool-size', String(pool)];
  const pending = ['--max-pending', String(AT_ONCE * Math.max(...sessions))];
  const how = ['--isolation', isolation, '--era', era];
  const subject = await startSubject(workServer, [
    ...how,
    ...limits,
    ...pending,
  ]);
  const tally = new Tally();
  const pass = turnstile(holdsProcess ? pool : Infinity);
  try {
    for (const count of sessions) {
      const workers = await Promise.all(
        Array.from({ length: count }, () =>
          run.open({ subject, tally, asked }),
        ),
      );
      const calls = workers.flatMap((worker, session) =>
        Array.from({ length: AT_ONCE }, (_, i) => {
          const isHuge = i === AT_ONCE - 1 && session < 5;
          const call = new Call(
            `${count}/${session}/${i}`,
            isHuge ? HUGE : IDS[i % IDS.length],
            TOKENS[i % TOKENS.length],
            asked,
          );
          return pass(() => worker.work(call));
        }),
      );
      await Promise.all(calls);
      await sleep(100); // for logs on another stream than the answer
      await Promise.all(workers.map(worker => worker.close()));
    }
  } finally {
    await subject.stop();
  }
  return tally;
}

/** @param short each way in once, in some seconds altogether */
export async function attribution({
  short,
}: {
  short: boolean;
}): Promise<void> {
  let total = 0;
  const chosen = runs().filter(
    ({ isolation, asked }) => !short || (isolation === 'session' && asked),
  );
  for (const run of chosen) {
    const begin = performance.now();
    const tally = await attempt(run, short);
    const { calls, refused, messages, logs, wrong, lacking, details } = tally;
    total += calls - refused;
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    check(
      run.name,
      wrong + lacking === 0 && (!run.allLogs || logs === calls - refused),
      `${calls} calls, ${messages} messages, ${wrong} on a wrong stream, ${lacking} calls lack something, ${refused} refused for their ids, ${
        calls - refused - logs
      } logs dropped, ${seconds} s`,
    );
    for (const detail of details) console.log(`    ${detail}`);
  }
  if (!short) check('at least 10,000 calls', total >= 10_000, String(total));
}
