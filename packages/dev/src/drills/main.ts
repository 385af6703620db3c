// Puts the control plane through faults, on a real cluster with real backends:
//     node packages/dev/src/drills/main.ts [--portal NAME] [--name NAME] [--port PORT] [amounts] [drill…]
// With --portal it uses the cluster of that portal of `./dev` or `./test`; otherwise an embedded cluster of its own. It
// starts backends of its own in either case, and takes all of it back at the end. With another name and ports it runs
// beside others. Without names of drills it runs all but the long ones, whose amounts are --kills, --pauses, --servers
// and --seed.
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
import { drills, longDrills } from './drills.ts';
import { Report } from './world/Report.ts';
import { setUp } from './world/setUp.ts';
import type { Amounts } from './world/World.ts';

const known = { ...drills, ...longDrills };

async function clusterOf(portal: string | undefined, name: string, undo: Undo) {
  if (portal === undefined) {
    const made = await step('cluster', () => startCluster({ name }));
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
    options: {
      portal: { type: 'string' },
      name: { type: 'string', default: 'drill' },
      port: { type: 'string', default: '7407' },
      kills: { type: 'string', default: '100' },
      pauses: { type: 'string', default: '20' },
      servers: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  });
  const strange = positionals.find(name => !Object.hasOwn(known, name));
  if (strange) {
    throw new Error(
      `There is no drill "${strange}", only ${Object.keys(known).join(', ')}.`,
    );
  }
  const amounts: Amounts = {
    kills: Number(values.kills),
    pauses: Number(values.pauses),
    servers: Number(values.servers),
    seed: Number(values.seed),
  };
  const names = positionals.length ? positionals : Object.keys(drills);
  const undo = new Undo();
  const all: Totals[] = [];
  const work = async () => {
    const cluster = await clusterOf(values.portal, values.name, undo);
    const world = await setUp(cluster, undo, {
      name: values.name,
      port: Number(values.port),
    });
    for (const name of names) {
      const { title, run } = known[name];
      const round = async () => {
        const report = new Report();
        await report.drill(`${name}: ${title}`, () =>
          run({ ...world, report, amounts }),
        );
        return report.totals;
      };
      // What shows once in an hour is not told from a defect by another hour.
      all.push(
        await (Object.hasOwn(longDrills, name)
          ? round()
          : withRepeat(name, round)),
      );
    }
  };
  try {
    await withLock(stateDir(values.name).lock, 5, () =>
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
