import { join } from 'node:path';
import { DEFAULT_NAME, stateBase } from '../portal/stateDir.ts';
import {
  run,
  tryRun,
  type RunOptions,
} from '../../../dev-cluster/src/system/exec.ts';
import * as commands from './kindCommands.ts';
import type { CommandLine, KindCluster } from './kindCommands.ts';
import type { BeforeStart, UsedCluster } from './types.ts';

const exec = ([program, ...args]: CommandLine, options?: RunOptions) =>
  run(program, args, options);
const attempt = ([program, ...args]: CommandLine) =>
  tryRun(program, args, { seconds: 20 });

/** Clusters of other names get ports of their own, the same at each start. */
const registryPort = (name: string) =>
  name === DEFAULT_NAME
    ? 5100
    : 5101 +
      [...name].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 99, 0);

export const kindCluster = (name: string): KindCluster => ({
  name: `mcp-cloud-${name}`,
  kubeconfig: join(stateBase(), 'kind', `${name}.kubeconfig`),
  registryPort: registryPort(name),
});

/** Whether both programs are there and a Docker daemon answers. */
export async function kindIsUsable(): Promise<boolean> {
  const daemon = await tryRun(
    'docker',
    ['info', '--format', '{{.ServerVersion}}'],
    { seconds: 20 },
  );
  return (
    Boolean(daemon?.trim()) &&
    (await tryRun('kind', ['version'], { seconds: 20 })) !== undefined
  );
}

async function runs(container: string): Promise<boolean> {
  return (
    (await attempt(commands.isContainerRunning(container)))?.trim() === 'true'
  );
}

export async function stopKind(name: string): Promise<void> {
  await exec(commands.stopContainers(kindCluster(name)), { seconds: 120 });
}

/** Makes or starts a cluster of containers, and a registry beside it. */
export async function startKind(
  name: string,
  beforeStart: BeforeStart,
): Promise<UsedCluster> {
  const cluster = kindCluster(name);
  const wasRunning = await runs(commands.nodeContainer(cluster.name));
  if (!wasRunning) {
    beforeStart(() => stopKind(name));
  }
  const known = (await exec(commands.listClusters()))
    .split('\n')
    .includes(cluster.name);
  if (!known) {
    await exec(commands.createCluster(cluster), {
      input: commands.kindConfig,
      seconds: 900,
      show: true,
    });
    // Left over from a cluster that somebody deleted by hand.
    await attempt(commands.removeRegistry(cluster));
    await exec(commands.createRegistry(cluster), { seconds: 300 });
  } else {
    await exec(commands.startContainers(cluster), { seconds: 120 });
    await exec(commands.writeKubeconfig(cluster));
  }
  await exec(commands.redirectRegistry(cluster));
  return {
    kind: 'kind',
    name,
    title: `kind cluster ${cluster.name}`,
    kubeconfig: cluster.kubeconfig,
    context: `kind-${cluster.name}`,
    registry: commands.registryAddress(cluster.registryPort),
    startedByUs: !wasRunning,
  };
}

export async function resetKind(name: string): Promise<void> {
  const cluster = kindCluster(name);
  await exec(commands.deleteCluster(cluster), { seconds: 300 });
  await attempt(commands.removeRegistry(cluster));
}
