import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describeCluster, hostPorts, MAX_CLUSTERS } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { readIfThere, writeWhole } from './system/files.ts';
import { withLock } from './system/lock.ts';
import { machineDir } from './paths.ts';

/** Which index, and so which ports and subnet, a cluster holds while it runs. */
export interface Claim {
  name: string;
  index: number;
  stateDir: string;
}

const claimsDir = join(machineDir, 'clusters');
const claimsLock = join(machineDir, 'claims.lock');
const claimFile = (name: string) => join(claimsDir, `${name}.json`);
const memoryFile = (stateDir: string) => join(stateDir, 'cluster.json');

export const lockFile = (name: string) => join(claimsDir, `${name}.lock`);

export function readClaims(dir: string = claimsDir): Claim[] {
  mkdirSync(dir, { recursive: true });
  return readdirSync(dir)
    .filter(file => file.endsWith('.json'))
    .map(
      file =>
        JSON.parse(readIfThere(join(dir, file)) ?? 'null') as Claim | null,
    )
    .filter(found => found !== null);
}

/** The cluster as it last ran, if it ever did; its index stays its own, as its addresses hang on it. */
export function recall(name: string, clusters: string): Cluster | undefined {
  const kept = readIfThere(
    memoryFile(describeCluster(name, 0, clusters).stateDir),
  );
  return kept
    ? describeCluster(name, (JSON.parse(kept) as Claim).index, clusters)
    : undefined;
}

/** Finds a free index for a cluster, or its old one, and writes down that it is taken. */
export async function claim(name: string, clusters: string): Promise<Cluster> {
  return withLock(claimsLock, 30, async () => {
    const stateDir = describeCluster(name, 0, clusters).stateDir;
    const others = readClaims().filter(c => c.name !== name);
    const old = recall(name, clusters);
    const cluster = old
      ? await verifyIndex(old, others)
      : await firstFree(
          name,
          clusters,
          new Set([...others.map(c => c.index), ...remembered(clusters)]),
        );
    const content = `${JSON.stringify({
      name,
      index: cluster.index,
      stateDir,
    })}\n`;
    writeWhole(memoryFile(stateDir), content);
    writeWhole(claimFile(name), content);
    return cluster;
  });
}

/** Gives a claim back; the last one to go runs `whenLast`, before anyone can claim anew. */
export async function release(
  cluster: Cluster,
  whenLast: () => void,
): Promise<void> {
  await withLock(claimsLock, 30, async () => {
    rmSync(claimFile(cluster.name), { force: true });
    if (readClaims().length === 0) {
      whenLast();
    }
  });
}

/** Fails when a cluster of this name runs from another state directory: it is not ours to touch. */
export function assertOurs(name: string, stateDir: string): void {
  const other = readClaims().find(
    c => c.name === name && c.stateDir !== stateDir,
  );
  if (other) {
    throw new Error(
      `a cluster named ${name} runs from ${other.stateDir}, not from ${stateDir}; choose another --name, or stop that one`,
    );
  }
}

/** Indexes of the stopped clusters beside this one, which will want their ports back. */
function remembered(clusters: string): number[] {
  try {
    return readdirSync(clusters)
      .map(name => readIfThere(memoryFile(join(clusters, name))))
      .filter(content => content !== undefined)
      .map(content => (JSON.parse(content) as Claim).index);
  } catch {
    return [];
  }
}

async function verifyIndex(
  cluster: Cluster,
  others: Claim[],
): Promise<Cluster> {
  const rival = others.find(c => c.index === cluster.index);
  const busy = rival ? undefined : await firstBusyPort(cluster);
  if (!rival && !busy) {
    return cluster;
  }
  const why = rival
    ? `its ports belong to the cluster ${rival.name}`
    : `port ${busy} is in use`;
  throw new Error(
    `cannot start ${cluster.name}: ${why}. Free it, or give ${cluster.name} new ports by "dev-cluster reset --name ${cluster.name}"`,
  );
}

export async function firstFree(
  name: string,
  clusters: string,
  taken: Set<number>,
  busyPort: (cluster: Cluster) => Promise<number | undefined> = firstBusyPort,
): Promise<Cluster> {
  for (let index = 0; index < MAX_CLUSTERS; index++) {
    const cluster = describeCluster(name, index, clusters);
    if (!taken.has(index) && (await busyPort(cluster)) === undefined) {
      return cluster;
    }
  }
  throw new Error(
    `no free ports for another cluster; ${MAX_CLUSTERS} sets of them were tried`,
  );
}

async function firstBusyPort(cluster: Cluster): Promise<number | undefined> {
  for (const port of hostPorts(cluster)) {
    if (!(await canListen(port))) {
      return port;
    }
  }
  return undefined;
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
