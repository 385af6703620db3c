// Puts the control plane through faults, on a real cluster with real backends:
//     node packages/dev/src/drills/main.ts [--portal NAME] [drill…]
// With --portal it uses the cluster of that portal of `./dev` or `./test`; otherwise an embedded cluster of its own. It
// starts backends of its own in either case, and takes all of it back at the end.
import { parseArgs } from 'node:util';
import { startCluster, stopCluster } from '../clusters/index.ts';
import { interruptible } from '../interrupt.ts';
import { readRecord } from '../portal/record.ts';
import { stateDir } from '../portal/stateDir.ts';
import { withLock } from '../../../dev-cluster/src/system/lock.ts';
import { putNodeFirst } from '../system/nodeFirst.ts';
import { say, step } from '../../../dev-cluster/src/system/steps.ts';
import { withRepeat } from '../testing/repeat.ts';
import { inWords, sum, type Totals } from '../testing/totals.ts';
import { Undo } from '../undo.ts';
import { drills } from './drills.ts';
import { Report } from './world/Report.ts';
import { setUp } from './world/setUp.ts';

const NAME = 'drill';

async function clusterOf(portal: string | undefined, undo: Undo) {
  if (portal === undefined) {
    const made = await step('cluster', () => startCluster({ name: NAME }));
    if (made.startedByUs) {
      undo.add('stopped the cluster', () => stopCluster(made));
    }
    return made;
  }
  const { cluster } = readRecord(stateDir(portal));
  if (!cluster) {
    throw new Error(`The portal "${portal}" has no cluster. Start it first.`);
  }
  return cluster;
}

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { portal: { type: 'string' } },
    allowPositionals: true,
  });
  const strange = positionals.find(name => !Object.hasOwn(drills, name));
  if (strange) {
    throw new Error(
      `There is no drill "${strange}", only ${Object.keys(drills).join(', ')}.`,
    );
  }
  const names = positionals.length ? positionals : Object.keys(drills);
  const undo = new Undo();
  const all: Totals[] = [];
  const work = async () => {
    const cluster = await clusterOf(values.portal, undo);
    const world = await setUp(cluster, undo);
    for (const name of names) {
      const { title, run } = drills[name];
      const round = async () => {
        const report = new Report();
        await report.drill(`${name}: ${title}`, () =>
          run({ ...world, report }),
        );
        return report.totals;
      };
      all.push(await withRepeat(name, round));
    }
  };
  try {
    await withLock(stateDir(NAME).lock, 5, () =>
      interruptible(work, () => undo.run()),
    );
  } finally {
    await undo.run();
  }
  const totals = sum(all);
  for (const failure of totals.failures ?? []) say(`  ✗ ${failure}`);
  for (const once of totals.unsteady ?? []) say(`  ↻ ${once}`);
  process.stdout.write(`${inWords(totals)}\n`);
  return totals.failed === 0 ? 0 : 1;
}

putNodeFirst();
main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`\nDrills: ${(error as Error).stack}\n`);
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    process.exitCode = 1;
  },
);
