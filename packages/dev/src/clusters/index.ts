import { existsSync } from 'node:fs';
import { resetEmbedded, startEmbedded, stopEmbedded } from './embedded.ts';
import { givenCluster } from './given.ts';
import { kindIsUsable, resetKind, startKind, stopKind } from './kind.ts';
import type { BeforeStart, ClusterWish, UsedCluster } from './types.ts';

export type { ClusterWish, UsedCluster } from './types.ts';

const NO_WAY = `There is no cluster to use. One of these helps:
  ./dev up --kubeconfig FILE [--context NAME] --registry HOST/PATH   a cluster of yours
  install Docker and kind                                            a cluster in containers
  run ./dev as root on Linux                                         the cluster that comes along`;

/** The first that is possible: the one asked for, what we used last, one in containers, the one that comes along. */
export async function startCluster(
  wish: ClusterWish,
  last?: UsedCluster,
  beforeStart: BeforeStart = () => {},
): Promise<UsedCluster> {
  const { kubeconfig } = wish;
  if (kubeconfig) {
    return givenCluster({ ...wish, kubeconfig });
  }
  if (last?.kind === 'given') {
    return givenCluster({ ...last, ...wish, kubeconfig: last.kubeconfig });
  }
  if (last?.kind !== 'embedded' && (await kindIsUsable())) {
    return startKind(wish.name, beforeStart);
  }
  if (
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    existsSync('/proc/self/ns/net')
  ) {
    return startEmbedded(wish.name, beforeStart);
  }
  throw new Error(NO_WAY);
}

export async function stopCluster({ kind, name }: UsedCluster): Promise<void> {
  if (kind === 'kind') {
    await stopKind(name);
  } else if (kind === 'embedded') {
    await stopEmbedded(name);
  }
}

export async function resetCluster({ kind, name }: UsedCluster): Promise<void> {
  if (kind === 'kind') {
    await resetKind(name);
  } else if (kind === 'embedded') {
    await resetEmbedded(name);
  }
}
