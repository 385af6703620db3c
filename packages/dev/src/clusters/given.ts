import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ClusterWish, UsedCluster } from './types.ts';

/** The cluster of a kubeconfig that somebody named. We never start, stop or reconfigure it. */
export function givenCluster({
  kubeconfig,
  context,
  registry,
}: ClusterWish & { kubeconfig: string }): UsedCluster {
  const file = resolve(kubeconfig);
  if (!existsSync(file)) {
    throw new Error(
      `There is no file ${file}. --kubeconfig names the kubeconfig of the cluster to use.`,
    );
  }
  return {
    kind: 'given',
    name: 'given',
    title: context ?? 'Given cluster',
    kubeconfig: file,
    context,
    registry,
    startedByUs: false,
  };
}
