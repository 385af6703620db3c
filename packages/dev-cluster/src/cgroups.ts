import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { sleep } from './system/wait.ts';

/**
 * All processes of a cluster live in one cgroup: the components in `system`, the pods in what the
 * kubelet makes beside it. Who belongs to the cluster can thus be told from the kernel alone, even
 * when every note about it is lost.
 */
const rootCgroup = (cluster: Cluster) => `/${cluster.id}`;
const systemCgroup = (cluster: Cluster) => `/${cluster.id}/system`;
export const podCgroup = (cluster: Cluster) => `/${cluster.id}`;

export interface Hierarchy {
  mountPoint: string;
  version: 1 | 2;
}

/** All mounted cgroup trees. */
export function parseHierarchies(mounts: string): Hierarchy[] {
  const versions: Record<string, 1 | 2> = { cgroup: 1, cgroup2: 2 };
  return mounts
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , type]) => versions[type] !== undefined)
    .map(([, mountPoint, type]) => ({ mountPoint, version: versions[type] }));
}

/**
 * The trees that limit resources: those of version 1, or the one of version 2 when it is alone.
 * (Beside version 1 it limits nothing, yet runc makes its groups there too.)
 */
export function limiting(all: Hierarchy[]): Hierarchy[] {
  const first = all.filter(hierarchy => hierarchy.version === 1);
  return first.length > 0 ? first : all.slice(0, 1);
}

const hierarchies = () =>
  parseHierarchies(readFileSync('/proc/self/mounts', 'utf8'));

/** Makes the cluster's cgroups; returns the files that a component writes itself into. */
export function makeCgroups(cluster: Cluster): string[] {
  const found = limiting(hierarchies());
  if (found.length === 0) {
    throw new Error(
      'no cgroups are mounted under /sys/fs/cgroup; Kubernetes cannot do without',
    );
  }
  for (const hierarchy of found) {
    make(hierarchy, rootCgroup(cluster));
    make(hierarchy, systemCgroup(cluster));
  }
  return found.map(({ mountPoint }) =>
    join(mountPoint, systemCgroup(cluster), 'cgroup.procs'),
  );
}

function make({ mountPoint, version }: Hierarchy, cgroup: string): void {
  const dir = join(mountPoint, cgroup);
  const parent = join(dir, '..');
  if (version === 2) {
    // A child only has the controllers that its parent hands down.
    for (const controller of readFileSync(
      join(parent, 'cgroup.controllers'),
      'utf8',
    ).split(/\s+/)) {
      if (controller)
        tryWrite(join(parent, 'cgroup.subtree_control'), `+${controller}`);
    }
  }
  mkdirSync(dir, { recursive: true });
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    // Version 1 lets no process into a new group before it has processors and memory.
    if (version === 1 && existsSync(join(dir, file))) {
      if (readFileSync(join(dir, file), 'utf8').trim() === '') {
        writeFileSync(join(dir, file), readFileSync(join(parent, file)));
      }
    }
  }
}

function tryWrite(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch {
    // A controller that cannot be handed down here; the kubelet names it if it is needed.
  }
}

/** Folders at and under one, innermost first. */
function tree(dir: string): string[] {
  if (!existsSync(dir)) {
    return [];
  }
  const inner = readdirSync(dir, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry => tree(join(dir, entry.name)));
  return [...inner, dir];
}

const clusterDirs = (cluster: Cluster) =>
  hierarchies().flatMap(({ mountPoint }) =>
    tree(join(mountPoint, rootCgroup(cluster))),
  );

/** Every process of the cluster: its components, the shims, and what runs in pods. */
export function processesIn(cluster: Cluster): number[] {
  return pidsOf(clusterDirs(cluster));
}

/** What runs in pods, without the components. */
export function podProcesses(cluster: Cluster): number[] {
  return pidsOf(clusterDirs(cluster).filter(dir => basename(dir) !== 'system'));
}

function pidsOf(dirs: string[]): number[] {
  const pids = new Set<number>();
  for (const dir of dirs) {
    try {
      for (const line of readFileSync(join(dir, 'cgroup.procs'), 'utf8').split(
        '\n',
      )) {
        // Zero stands for a process of another process namespace.
        if (Number(line) > 0) pids.add(Number(line));
      }
    } catch {
      // The group went away meanwhile.
    }
  }
  return [...pids];
}

/** Removes the cluster's cgroups, which the kernel allows once their last process is gone. */
export async function removeCgroups(cluster: Cluster): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    for (const dir of clusterDirs(cluster)) {
      try {
        rmdirSync(dir);
      } catch {
        // Still busy: the next round.
      }
    }
    if (clusterDirs(cluster).length === 0) {
      return;
    }
    await sleep(100);
  }
  throw new Error(
    `cannot remove the cgroups ${clusterDirs(cluster).join(', ')}`,
  );
}
