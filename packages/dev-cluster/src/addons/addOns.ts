import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBinaries, hashSources, readSources } from '../build.ts';
import { makeCgroups } from '../cgroups.ts';
import { folders, kubeconfigPath } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { assertAlive, isRunning, launch } from '../launch.ts';
import { addOnDir, cacheDir } from '../paths.ts';
import { run as runProgram } from '../system/exec.ts';
import { readJson, writeWhole } from '../system/files.ts';
import { withLock } from '../system/lock.ts';
import { say, step } from '../system/steps.ts';
import { until } from '../system/wait.ts';
import { addOnNames } from './AddOn.ts';
import type { AddOn, AddOnContext, AddOnName } from './AddOn.ts';
import { certificates } from './certificates.ts';
import { ingress } from './ingress.ts';
import { networkPolicy } from './networkPolicy.ts';

const addOns: Record<AddOnName, AddOn> = {
  ingress,
  certificates,
  'network-policy': networkPolicy,
};

export const processesOf = (names: readonly AddOnName[]) =>
  names.flatMap(name => addOns[name].processes);

/** Names of all processes that add-ons may have. */
export const addOnProcesses = processesOf(addOnNames);

/** In the order of their start: certificates are made for what ingress has. */
const inOrder = (names: readonly AddOnName[]) =>
  addOnNames.filter(name => names.includes(name)).map(name => addOns[name]);

const noteFile = ({ stateDir }: Cluster) => join(stateDir, 'add-ons.json');

/** Those that a cluster was started with, until it is stopped. */
export const addOnsOf = (cluster: Cluster): AddOnName[] =>
  readJson<AddOnName[]>(noteFile(cluster)) ?? [];

const isUp = (cluster: Cluster, { processes }: AddOn) =>
  processes.every(name => isRunning(cluster, name));

/** Programs of an add-on, built when their sources are new. @returns their folder */
async function ensureBuilt({ name, build }: AddOn): Promise<string> {
  const folder = join(
    cacheDir(),
    'add-ons',
    `${name}-${hashSources(readSources(addOnDir(name)))}`,
  );
  if (existsSync(folder)) return folder;
  mkdirSync(join(cacheDir(), 'add-ons'), { recursive: true });
  return withLock(`${folder}.lock`, 3600, async () => {
    if (existsSync(folder)) return folder;
    say(`    building ${name} from source, once: some minutes`);
    const temporary = `${folder}.tmp`;
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    await build(temporary);
    // Only a finished build gets the name that others look for.
    renameSync(temporary, folder);
    return folder;
  });
}

async function contextOf(
  cluster: Cluster,
  addOn: AddOn,
): Promise<AddOnContext> {
  const bin = await ensureBuilt(addOn);
  const programs = await ensureBinaries();
  const etc = join(folders(cluster).run, addOn.name);
  mkdirSync(etc, { recursive: true, mode: 0o700 });
  const started: string[] = [];
  const run = (args: string[], input?: string) =>
    runProgram(
      join(programs, 'kubectl'),
      [`--kubeconfig=${kubeconfigPath(cluster)}`, ...args],
      { seconds: 120, input },
    );
  const kubectl = (...args: string[]) => run(args);
  const apply = ['apply', '--server-side', '--force-conflicts', '--filename'];
  return {
    cluster,
    bin,
    etc,
    forward: join(programs, 'forward'),
    kubectl,
    async apply(object) {
      await run([...apply, '-'], JSON.stringify(object));
    },
    async applyKinds(folder) {
      await kubectl(...apply, folder);
      await kubectl(
        ...['wait', '--for=condition=Established', '--timeout=60s'],
        ...['-f', folder],
      );
    },
    launch(component) {
      launch(cluster, makeCgroups(cluster), component);
      started.push(component.name);
    },
    until: (what, condition, seconds) =>
      until(what, condition, {
        seconds,
        guard: () => assertAlive(cluster, started),
      }).then(() => {}),
  };
}

/** Starts those of the named add-ons that do not run yet, on a cluster that is up. */
export async function startAddOns(
  cluster: Cluster,
  names: readonly AddOnName[],
): Promise<void> {
  for (const addOn of inOrder(names)) {
    if (isUp(cluster, addOn)) continue;
    await step(addOn.name, async () => {
      // Noted first: whatever of it was made is taken away, also when the start breaks off.
      const noted = new Set([...addOnsOf(cluster), addOn.name]);
      writeWhole(noteFile(cluster), JSON.stringify([...noted]), 0o644);
      await addOn.start(await contextOf(cluster, addOn));
    });
  }
}

/** Takes what add-ons have put into a cluster out of it again, while it is still up. */
export async function removeAddOns(cluster: Cluster): Promise<void> {
  await Promise.all(
    inOrder(addOnsOf(cluster)).map(addOn =>
      step(`remove ${addOn.name}`, async () =>
        addOn.remove(await contextOf(cluster, addOn)),
      ),
    ),
  );
  rmSync(noteFile(cluster), { force: true });
}
