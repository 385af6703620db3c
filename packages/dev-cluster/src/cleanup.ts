import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { processesIn, removeCgroups } from './cgroups.ts';
import { release } from './claims.ts';
import { CILIUM_RUN } from './addons/networkPolicy.ts';
import { folders } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { readIfThere } from './system/files.ts';
import { removeTree, unmountUnder } from './mounts.ts';
import { processesInside, removeNetwork } from './network.ts';
import { identify, signal } from './system/processes.ts';
import { restoreSysctls } from './sysctls.ts';
import { sleep } from './system/wait.ts';

/**
 * Takes away whatever a cluster has left on the machine, except its state. It asks the kernel, not
 * notes, so it works the same after an orderly stop, after a crash, and when there is nothing.
 */
export async function cleanUp(cluster: Cluster): Promise<void> {
  await killAll(cluster);
  removeShimSockets(cluster);
  await unmountUnder(cluster.stateDir);
  await removeNetwork(cluster);
  await removeCgroups(cluster);
  await removeTree(folders(cluster).run);
  removeEntries('/var/log/containers', file =>
    pointsInto(file, cluster.stateDir),
  );
  removeEntries('/var/lib/cni/results', file =>
    // Another cluster may take its own away meanwhile.
    isCniResultOf(readIfThere(file) ?? '', cluster.stateDir),
  );
  removeIfEmpty('/var/lib/cni');
  await release(cluster, () => {
    restoreSysctls();
    removeDevicePluginSocket();
    // In use by all that have a Cilium.
    removeIfEmpty(CILIUM_RUN);
  });
}

/** Kills until nobody is left: a process may be born while its parent is being killed. */
async function killAll(cluster: Cluster): Promise<void> {
  const living = async () =>
    [...new Set([...processesIn(cluster), ...(await processesInside(cluster))])]
      .map(identify)
      .filter(id => id !== undefined);
  let left = await living();
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === 100) {
      throw new Error(
        `these processes do not die: ${left.map(id => id.pid).join(', ')}`,
      );
    }
    left.forEach(id => signal(id, 'SIGKILL'));
    await sleep(attempt === 0 ? 20 : 100);
    left = await living();
  }
}

/** Shims listen in a folder that all containerds of a machine share; each task names its socket. */
function removeShimSockets(cluster: Cluster): void {
  const tasks = join(
    folders(cluster).run,
    'containerd',
    'io.containerd.runtime.v2.task',
    'k8s.io',
  );
  for (const task of listing(tasks)) {
    const file = join(tasks, task, 'address');
    const address = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    if (address.startsWith('unix:///run/containerd/s/')) {
      rmSync(address.slice('unix://'.length), { force: true });
    }
  }
  removeIfEmpty('/run/containerd/s');
  removeIfEmpty('/run/containerd');
}

function removeEntries(dir: string, isOurs: (file: string) => boolean): void {
  for (const name of listing(dir)) {
    const file = join(dir, name);
    if (isOurs(file)) {
      rmSync(file, { force: true });
    }
  }
  removeIfEmpty(dir);
}

function pointsInto(file: string, folder: string): boolean {
  try {
    return readlinkSync(file).startsWith(`${folder}/`);
  } catch {
    return false;
  }
}

/**
 * The CNI library notes what it did for each pod, in one folder for the whole machine; each note
 * names the pod's network namespace, which lies in the state directory of its cluster.
 */
export function isCniResultOf(content: string, stateDir: string): boolean {
  return content.includes(`"${stateDir}/`);
}

/**
 * The one path that kubelets do not let themselves be talked out of. Nothing here uses device
 * plugins, so it does no harm that the kubelets of several clusters take it from each other.
 */
function removeDevicePluginSocket(): void {
  const dir = '/var/lib/kubelet/device-plugins';
  rmSync(join(dir, 'kubelet.sock'), { force: true });
  removeIfEmpty(dir);
  removeIfEmpty('/var/lib/kubelet');
}

function listing(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // In use by others, or not there.
  }
}
