// A day of mixed load in minutes: all ways in, sessions that come and go, processes that are killed, readers that do not read.
import { get } from 'node:http';
import { startSubject, workServer, type Subject } from './bridge.ts';
import { FRONTS } from './clients/fronts.ts';
import { modernWorker } from './clients/modern.ts';
import { openWorker, type Worker } from './clients/worker.ts';
import { Call, Tally } from './ledger.ts';
import { childrenOf, openFiles, residentMemory } from './procfs.ts';
import { check, megabytes, note } from './report.ts';
import { slope, type Sample } from './slope.ts';
import { openSlowReader } from './slowReader.ts';
import { sleep, within } from './wait.ts';

const MINUTE = 60_000;
const CALLS_OF_A_SESSION = 20;
const AT_ONCE = 5;
const SESSION_IDLE_MS = 5000;
/** Growth that counts as none, in bytes in a minute, and as a share of the memory over the whole time. */
const FLAT_PER_MINUTE = 100_000;
const FLAT_SHARE = 0.05;
/** What the load brings with it at first, as code that is compiled and caches that fill, is no growth. */
const WARM_SHARE = 0.3;
/** A shorter run says nothing of growth. */
const LEAST_MINUTES = 10;

const random = (below: number) => Math.floor(Math.random() * below);

/** What has happened to whom. */
interface Counts {
  sessions: number;
  abandoned: number;
  killed: number;
  slow: number;
}

class Soak {
  readonly tally = new Tally();
  readonly counts: Counts = { sessions: 0, abandoned: 0, killed: 0, slow: 0 };
  private readonly subject: Subject;
  private readonly end: number;
  private serial = 0;

  constructor(subject: Subject, end: number) {
    this.subject = subject;
    this.end = end;
  }

  get isOver(): boolean {
    return Date.now() > this.end;
  }

  /** One client after another, over the same front end. */
  async clients(open: () => Promise<Worker>): Promise<void> {
    while (!this.isOver) {
      const worker = await open().catch(() => undefined);
      if (!worker) {
        await sleep(200); // the process was killed while it began
        continue;
      }
      this.counts.sessions++;
      for (let i = 0; i < CALLS_OF_A_SESSION && !this.isOver; i += AT_ONCE) {
        const calls = Array.from({ length: AT_ONCE }, () => this.call());
        await Promise.all(calls.map(call => worker.work(call)));
        if (calls.some(({ answer }) => answer === undefined)) break; // its process was killed
        await sleep(random(40));
      }
      if (random(3) > 0) await worker.close();
      else {
        this.counts.abandoned++;
        worker.abandon();
      }
    }
  }

  /** Kills a process of the server now and then. */
  async killer(): Promise<void> {
    while (!this.isOver) {
      await sleep(1000);
      const pids = childrenOf(this.subject.pid);
      if (pids.length === 0) continue;
      try {
        process.kill(pids[random(pids.length)], 'SIGKILL');
        this.counts.killed++;
      } catch {
        // it has ended by itself
      }
    }
  }

  /** Opens streams and reads nothing of what comes. */
  async slowReaders(): Promise<void> {
    while (!this.isOver) {
      const reader = await openSlowReader(this.subject).catch(() => undefined);
      if (reader) this.counts.slow++;
      await sleep(2000);
      reader?.destroy();
    }
  }

  /** What Prometheus and the portal do. */
  async scraper(): Promise<void> {
    const { adminPort } = this.subject;
    while (!this.isOver) {
      for (const path of ['/metrics', '/status', '/health'])
        await new Promise<void>(resolve => {
          get({ host: '127.0.0.1', port: adminPort, path }, res =>
            res.resume().on('end', resolve),
          ).on('error', () => resolve());
        });
      await sleep(1000);
    }
  }

  private call(): Call {
    const n = this.serial++;
    return new Call(`soak/${n}`, String(n % 7), n % 11, n % 3 === 0);
  }
}

interface Samples {
  readonly heap: Sample[];
  readonly resident: Sample[];
}

async function sampled(
  { inspector, pid }: Subject,
  every: number,
  run: Soak,
): Promise<Samples> {
  const samples: Samples = { heap: [], resident: [] };
  const begin = Date.now();
  while (!run.isOver) {
    await sleep(every);
    const { heapUsed } = await inspector.collect();
    const minute = (Date.now() - begin) / MINUTE;
    samples.heap.push({ minute, value: heapUsed });
    samples.resident.push({ minute, value: residentMemory(pid) });
    const { calls, lacking } = run.tally;
    note(
      `${minute.toFixed(1)} min: heap ${megabytes(
        heapUsed,
      )}, resident ${megabytes(
        residentMemory(pid),
      )}, ${calls} calls, ${lacking} cut short`,
    );
  }
  return samples;
}

/** Whether memory neither rises by the minute nor has risen, once warm. */
function flat(name: string, all: readonly Sample[], minutes: number): void {
  const samples = all.filter(({ minute }) => minute > minutes * WARM_SHARE);
  const perMinute = slope(samples);
  const mean =
    samples.reduce((sum, { value }) => sum + value, 0) / samples.length;
  const grown = perMinute * minutes * (1 - WARM_SHARE);
  const seen = `${(perMinute / 1000).toFixed(0)} kB a minute at ${megabytes(
    mean,
  )}`;
  if (minutes < LEAST_MINUTES) {
    note(`${name}: ${seen} (too short a run to tell)`);
    return;
  }
  const isFlat = perMinute < FLAT_PER_MINUTE || grown < mean * FLAT_SHARE;
  check(`${name} is flat`, isFlat, seen);
}

export async function soak({ minutes }: { minutes: number }): Promise<void> {
  const subject = await startSubject(workServer, [
    ...['--session-idle', `${SESSION_IDLE_MS}ms`],
    ...['--max-sessions', '60', '--max-queue', '4MB', '--keep-alive', '1s'],
  ]);
  try {
    const files = openFiles(subject.pid);
    const run = new Soak(subject, Date.now() + minutes * MINUTE);
    const { tally, counts } = run;
    const options = { subject, tally, asked: true };
    const every = Math.min(15_000, (minutes * MINUTE) / 20);
    const [samples] = await Promise.all([
      sampled(subject, every, run),
      ...Object.keys(FRONTS).flatMap(front =>
        [1, 2].map(() => run.clients(() => openWorker(front, options))),
      ),
      run.clients(async () => modernWorker(options)),
      run.killer(),
      run.slowReaders(),
      run.scraper(),
    ]);
    note(
      `${tally.calls} calls in ${counts.sessions} sessions, ${counts.abandoned} abandoned, ${counts.killed} processes killed, ${counts.slow} slow readers`,
    );
    check('no message on a wrong stream', tally.wrong === 0, `${tally.wrong}`);
    // A process that is killed takes the calls along that it serves.
    check(
      'calls fail only with their process',
      tally.lacking <= counts.killed * AT_ONCE,
      `${tally.lacking} of ${tally.calls} calls, ${counts.killed} killed`,
    );
    for (const detail of tally.details) note(detail);
    flat('heap after a collection', samples.heap, minutes);
    flat('resident memory', samples.resident, minutes);
    const back = await within(
      80_000, // idle connections are kept for 65 s
      () =>
        childrenOf(subject.pid).length <= 2 &&
        openFiles(subject.pid) <= files + 5,
    );
    const rest = `${childrenOf(subject.pid).length} processes, ${openFiles(
      subject.pid,
    )} open files, ${files} at the start`;
    check('processes and files are back where they were', back, rest);
  } finally {
    await subject.stop();
  }
}
