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
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { inWords } from '../testing/totals.ts';
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
  const report = new Report();
  const work = async () => {
    const cluster = await clusterOf(values.portal, undo);
    const world = await setUp(cluster, undo, report);
    for (const name of names) {
      const { title, run } = drills[name];
      await report.drill(`${name}: ${title}`, () => run(world));
    }
  };
  try {
    await withLock(stateDir(NAME).lock, 5, () =>
      interruptible(work, () => undo.run()),
    );
  } finally {
    await undo.run();
  }
  report.sayFailures();
  process.stdout.write(`${inWords(report.totals)}\n`);
  return report.totals.failed === 0 ? 0 : 1;
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
