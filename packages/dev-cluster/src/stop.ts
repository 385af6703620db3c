import { addOnProcesses } from './addons/addOns.ts';
import { podProcesses } from './cgroups.ts';
import { cleanUp } from './cleanup.ts';
import { pidFile } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { identify, isAlive, readPidFile, signal } from './system/processes.ts';
import type { ProcessId } from './system/processes.ts';
import { step } from './system/steps.ts';
import { sleep } from './system/wait.ts';

/** Who stops together. etcd goes after the API server, which else hangs on to it. */
const stopOrder = [
  [
    ...addOnProcesses,
    'kubelet',
    'kube-controller-manager',
    'kube-scheduler',
    'metrics-server',
    'coredns',
    'kube-proxy',
  ],
  ['kube-apiserver'],
  ['etcd', 'containerd', 'registry', 'forward'],
];

/** Asks everything to end, in order; what does not in time is killed by the cleaning up. */
export async function stopCluster(cluster: Cluster): Promise<void> {
  const [controllers, ...rest] = stopOrder.map(names =>
    names
      .map(name => readPidFile(pidFile(cluster, name)))
      .filter(id => id !== undefined),
  );
  if (stopOrder.flat().some(name => readPidFile(pidFile(cluster, name)))) {
    await step('stop the controllers', () => end(controllers, 3));
    // Only now would nobody start them anew.
    await step('stop the pods', () =>
      end(
        podProcesses(cluster)
          .map(identify)
          .filter(id => id !== undefined),
        2,
      ),
    );
    await step('stop the control plane', async () => {
      for (const ids of rest) {
        await end(ids, 5);
      }
    });
  }
  await step('clean up', () => cleanUp(cluster));
}

async function end(ids: ProcessId[], seconds: number): Promise<void> {
  ids.forEach(id => signal(id, 'SIGTERM'));
  const deadline = Date.now() + seconds * 1000;
  while (ids.some(isAlive) && Date.now() < deadline) {
    await sleep(50);
  }
}
