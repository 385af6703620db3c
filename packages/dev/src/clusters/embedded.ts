import { inRepository } from '../repository.ts';
import {
  lastJson,
  run,
  runNode,
} from '../../../dev-cluster/src/system/exec.ts';
import type { BeforeStart, UsedCluster } from './types.ts';

interface EmbeddedInfo {
  name: string;
  kubeconfig: string;
  context: string;
  registry: string;
  ingress: { http: string; https: string };
}

const cli = inRepository('packages', 'dev-cluster', 'src', 'cli.ts');
/** `status` ends with 3 when the cluster does not run, and with 1 when there is none. */
const NOT_RUNNING = [1, 3];

async function isRunning(name: string): Promise<boolean> {
  const output = await runNode([cli, 'status', '--name', name, '--json'], {
    allow: NOT_RUNNING,
  });
  return output.trim() !== '' && lastJson<{ running: boolean }>(output).running;
}

export async function stopEmbedded(name: string): Promise<void> {
  await run(process.execPath, [cli, 'down', '--name', name], { seconds: 300 });
}

/** Starts the cluster that this repository brings along: no Docker needed, root on Linux is. */
export async function startEmbedded(
  name: string,
  beforeStart: BeforeStart,
): Promise<UsedCluster> {
  const wasRunning = await isRunning(name);
  if (!wasRunning) {
    beforeStart(() => stopEmbedded(name));
  }
  // The first time it builds Kubernetes from its sources.
  const output = await runNode([cli, 'up', '--name', name, '--json'], {
    seconds: 3600,
    show: !wasRunning,
  });
  const { kubeconfig, context, registry, ingress } =
    lastJson<EmbeddedInfo>(output);
  return {
    kind: 'embedded',
    name,
    title: `Embedded cluster ${name}`,
    kubeconfig,
    context,
    registry,
    ingress,
    startedByUs: !wasRunning,
  };
}

/** Adds what the plain cluster lacks to one that runs. The first time it is built from its sources. */
export async function addToEmbedded(
  name: string,
  addOns: string[],
): Promise<void> {
  await runNode([cli, 'up', '--name', name, '--with', addOns.join(',')], {
    seconds: 3600,
    show: true,
  });
}

export async function resetEmbedded(name: string): Promise<void> {
  await run(process.execPath, [cli, 'reset', '--name', name], { seconds: 300 });
}
