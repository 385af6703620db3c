import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apiClient } from './api.ts';
import { ensureBinaries } from './build.ts';
import { assertOurs, claim, lockFile, recall } from './claims.ts';
import { checkName, DEFAULT_NAME, infoOf } from './cluster.ts';
import type { Cluster, ClusterInfo } from './cluster.ts';
import { importImage } from './images.ts';
import { allRunning } from './launch.ts';
import { withLock } from './system/lock.ts';
import { removeTree } from './mounts.ts';
import { clusterPrograms } from './packages.ts';
import { ensurePackages } from './system/debianPackages.ts';
import { clustersDir } from './paths.ts';
import { requireSupportedMachine } from './platform.ts';
import type { AddOnName } from './addons/AddOn.ts';
import { removeAddOns, startAddOns } from './addons/addOns.ts';
import { startCluster } from './start.ts';
import { statusOf } from './status.ts';
import type { ClusterStatus } from './status.ts';
import { elapsed, say, step } from './system/steps.ts';
import { stopCluster } from './stop.ts';

export type { AddOnName };
export type { ClusterInfo } from './cluster.ts';
export type { ClusterStatus, ComponentStatus } from './status.ts';

export interface Which {
  /** The cluster's name; `dev` by default. */
  name?: string;
  /** Where clusters keep their state; by default MCP_CLOUD_STATE, else below the home folder. */
  stateDir?: string;
}

export interface UpOptions extends Which {
  /** Add-ons to start, besides those that run. */
  addOns?: readonly AddOnName[];
}

/** Brings a cluster up, from whatever condition it is in, and tells how to reach it. */
export async function up({
  addOns = [],
  ...which
}: UpOptions = {}): Promise<ClusterInfo> {
  requireSupportedMachine();
  const begin = performance.now();
  const { name, clusters } = resolve(which);
  // A first start may build for minutes; whoever asks for the same cluster meanwhile waits for it.
  return withLock(lockFile(name), 2400, async () => {
    assertOurs(name, join(clusters, name));
    const old = recall(name, clusters);
    if (old && (await answers(old))) {
      await startAddOns(old, addOns);
      return infoOf(old);
    }
    checkPathLength(join(clusters, name));
    say(`Starting the cluster ${name}`);
    await step('Debian packages', () => ensurePackages(clusterPrograms));
    const bin = await step('binaries', ensureBinaries);
    if (old) {
      // Most often there is nothing; after a crash, whatever is left.
      await stopCluster(old);
    }
    const cluster = await claim(name, clusters);
    try {
      await startCluster(cluster, bin);
      await startAddOns(cluster, addOns);
    } catch (error) {
      say('The start failed; taking back what was started');
      await stopCluster(cluster);
      throw error;
    }
    say(`The cluster ${name} is up (${elapsed(begin)})`);
    return infoOf(cluster);
  });
}

/** Stops a cluster and leaves nothing of it but its state, for the next start. */
export async function down(which: Which = {}): Promise<void> {
  await stopAnd(which, async () => {});
}

/** Stops a cluster and deletes its state. */
export async function reset(which: Which = {}): Promise<void> {
  await stopAnd(which, cluster =>
    step('delete the state', () => removeTree(cluster.stateDir)),
  );
}

async function stopAnd(
  which: Which,
  finish: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  requireSupportedMachine();
  const { name, clusters } = resolve(which);
  await withLock(lockFile(name), 60, async () => {
    assertOurs(name, join(clusters, name));
    const cluster = recall(name, clusters);
    if (!cluster) {
      say(`There is no cluster ${name} in ${clusters}`);
      return;
    }
    say(`Stopping the cluster ${name}`);
    if (await answers(cluster)) {
      await removeAddOns(cluster);
    }
    await stopCluster(cluster);
    await finish(cluster);
  });
}

export async function status(which: Which = {}): Promise<ClusterStatus> {
  return statusOf(find(which));
}

/** Brings an image archive onto the cluster's node. */
export async function loadImage(
  file: string,
  which: Which = {},
): Promise<string> {
  const cluster = find(which);
  if (!existsSync(file)) {
    throw new Error(`there is no file ${file}`);
  }
  return importImage(cluster, file);
}

/** The facts about a cluster, running or not. */
export function describe(which: Which = {}): ClusterInfo {
  return infoOf(find(which));
}

function resolve({ name = DEFAULT_NAME, stateDir }: Which) {
  return { name: checkName(name), clusters: clustersDir(stateDir) };
}

function find(which: Which): Cluster {
  const { name, clusters } = resolve(which);
  const cluster = recall(name, clusters);
  if (!cluster) {
    throw new Error(
      `there is no cluster ${name} in ${clusters}; make it with "dev-cluster up --name ${name}"`,
    );
  }
  return cluster;
}

async function answers(cluster: Cluster): Promise<boolean> {
  if (!allRunning(cluster)) {
    return false;
  }
  return apiClient(cluster)
    .isReady()
    .catch(() => false);
}

/** The kernel allows 107 bytes for the path of a socket, and the kubelet nests its own deep. */
function checkPathLength(stateDir: string): void {
  const longest = 64;
  if (Buffer.byteLength(stateDir) > longest) {
    throw new Error(
      `the state directory ${stateDir} is too long for the sockets in it: at most ${longest} bytes. Choose a shorter one with --state-dir`,
    );
  }
}
