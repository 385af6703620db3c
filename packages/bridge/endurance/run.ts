// Runs that take long: what only shows after many calls, sessions, minutes or hostile bytes.
import { parseArgs } from 'node:util';
import { attribution } from './attribution.ts';
import { fuzz } from './fuzz.ts';
import { hostile } from './hostile.ts';
import { leaks } from './leaks.ts';
import { memory } from './memory.ts';
import { check, close } from './report.ts';
import { soak } from './soak.ts';

interface RunOptions {
  readonly minutes: number;
  /** A few seconds, for every test of the bridge. */
  readonly short: boolean;
}

interface Run {
  readonly work: (options: RunOptions) => Promise<void>;
  /** How long it takes when it is told in advance. */
  readonly minutes?: number;
}

const RUNS: Readonly<Record<string, Run>> = {
  attribution: { work: attribution },
  hostile: { work: hostile },
  leaks: { work: leaks },
  memory: { work: memory },
  fuzz: { work: fuzz, minutes: 10 },
  soak: { work: soak, minutes: 20 },
};
/** What hangs is a failure, not a run without end. */
const PATIENCE_MINUTES = 15;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      minutes: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  if (!Object.hasOwn(RUNS, name))
    throw new Error(`Name one of the runs: ${Object.keys(RUNS).join(', ')}.`);
  const { work, minutes: usual = 0 } = RUNS[name];
  const minutes = Number(values.minutes ?? usual);
  setTimeout(() => {
    check(name, false, 'it did not come to an end');
    close();
    process.exit();
  }, (minutes + PATIENCE_MINUTES) * 60_000).unref();
  await work({ minutes, short: values.short });
  close();
}

main().then(
  () => process.exit(), // some clients keep connections for a while
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
