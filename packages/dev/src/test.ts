// What `./test` runs. Up to the installation of the packages nothing here may need one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goOn, interruptible } from './interrupt.ts';
import { installPackages } from './portal/install.ts';
import { stateDir } from './portal/stateDir.ts';
import { withLock } from '../../dev-cluster/src/system/lock.ts';
import { putNodeFirst } from './system/nodeFirst.ts';
import { elapsed, say, step } from '../../dev-cluster/src/system/steps.ts';
import { adopter } from './testing/adopter.ts';
import { bridge } from './testing/bridge.ts';
import { cluster } from './testing/cluster.ts';
import type { Context } from './testing/context.ts';
import { allDrills, drills } from './testing/drills.ts';
import { e2e } from './testing/e2e.ts';
import { lint } from './testing/lint.ts';
import { long } from './testing/long.ts';
import { startTestPortal, TEST_NAME } from './testing/testPortal.ts';
import { inWords, sum, type Totals } from './testing/totals.ts';
import { unit } from './testing/unit.ts';
import { Undo } from './undo.ts';
import type { Portal } from './up.ts';

const suites: Record<string, (context: Context) => Promise<Totals>> = {
  lint,
  unit,
  bridge,
  cluster,
  e2e,
  drills,
  'all-drills': allDrills,
  adopter,
  long,
};

/** These work, and this one waits for a cluster most of the time: side by side they take little longer than alone. */
const working = new Set(['lint', 'unit', 'bridge']);
const waiting = new Set(['cluster']);

/** Not part of a full run: these take as long as all of the others. */
const onlyByName = new Set(['all-drills', 'adopter', 'long']);

const usage = `Usage: ./test [${Object.keys(suites).join('|')}]…

Runs all suites but ${[...onlyByName].join(
  ', ',
)}, or the named ones, and ends with the line "N passed, N failed, N skipped". What they need is set up
first and taken away in the end: packages, PostgreSQL, a cluster and a portal of their own, beside those of ./dev.

Where a few tests of a suite fail, these run once more. What fails again has failed; what passes is named as unsteady.`;

/** A suite that breaks off counts as one failed test, and the others run all the same. */
async function runSuite(name: string, context: Context): Promise<Totals> {
  say(`\n${name} begins`);
  const begin = performance.now();
  try {
    const totals = await suites[name](context);
    say(`${name}: ${inWords(totals)} (${elapsed(begin)})`);
    return totals;
  } catch (error) {
    say(`${name} broke off (${elapsed(begin)}): ${(error as Error).message}`);
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`${name} broke off: ${(error as Error).message}`],
    };
  }
}

async function runSuites(names: string[]): Promise<Totals> {
  const scratch = mkdtempSync(join(tmpdir(), 'mcp-cloud-test-'));
  const undo = new Undo();
  undo.add('deleted reports', async () =>
    rmSync(scratch, { recursive: true, force: true }),
  );
  let portal: Promise<Portal> | undefined;
  const context: Context = {
    undo,
    scratch,
    portal: () => {
      portal ??= startTestPortal(undo);
      return portal;
    },
  };
  const work = async () => {
    await step('packages', installPackages);
    const runAll = async (some: string[]) => {
      const totals: Totals[] = [];
      for (const name of some) {
        goOn();
        totals.push(await runSuite(name, context));
      }
      return sum(totals);
    };
    const first = await Promise.all([
      runAll(names.filter(name => working.has(name))),
      runAll(names.filter(name => waiting.has(name))),
    ]);
    // Browsers and drills measure times, and have the machine for themselves.
    const rest = await runAll(
      names.filter(name => !working.has(name) && !waiting.has(name)),
    );
    return sum([...first, rest]);
  };
  try {
    return await interruptible(work, () => undo.run());
  } finally {
    await undo.run();
  }
}

async function main(words: string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const strange = words.find(word => !Object.hasOwn(suites, word));
  if (strange) {
    throw new Error(`There is no suite "${strange}".\n\n${usage}`);
  }
  const begin = performance.now();
  const names =
    words.length > 0
      ? words
      : Object.keys(suites).filter(name => !onlyByName.has(name));
  const totals = await withLock(stateDir(TEST_NAME).lock, 5, () =>
    runSuites(names),
  );
  for (const failure of new Set(totals.failures)) {
    say(`\nfailed: ${failure}`);
  }
  for (const once of new Set(totals.unsteady)) {
    say(`\nunsteady, passed when repeated: ${once}`);
  }
  say(`\nin ${elapsed(begin)}`);
  process.stdout.write(`${inWords(totals)}\n`);
  return totals.failed === 0 ? 0 : 1;
}

putNodeFirst();
main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`\n./test: ${(error as Error).message}\n`);
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    process.exitCode = 1;
  },
);
