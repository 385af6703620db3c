import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import { pause } from '../clusters/backOff';
import { collectionPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { isAutoscaler } from './autoscaling';
import {
  idOfKey,
  isDeployment,
  isSecret,
  keyOf,
  serverIdOf,
} from './liveObject';
import { makeNamespace } from './makeNamespace';
import { namespaceState } from './namespaceState';
import { ObjectWriter } from './ObjectWriter';
import type { Delivery, ObjectKey, WriteGuard } from './types';

/** Longest wait for the cluster's picture to show what was written. */
const PICTURE_MS = 5_000;
const POLL_MS = 300;

/** Writes straight to the API server. */
export class DirectDelivery implements Delivery {
  async apply(
    cluster: ClusterConnection,
    objects: KubeObject[],
    inventory: ObjectKey[],
    guard: WriteGuard,
    keep?: ReadonlySet<string>,
  ): Promise<ObjectKey[]> {
    await guard.assertHeld();
    await makeNamespace(cluster);
    const writer = new ObjectWriter(cluster, guard);
    const keys = objects.map(object => keyOf(object, cluster.namespace));
    const write = (some: KubeObject[]) =>
      allDone(
        some.map(object =>
          isSecret(object)
            ? writer.makeOnce(object)
            : writer.apply(object, { all: objects, keep }),
        ),
      );
    const wanted = new Set(keys.map(idOfKey));
    const removeLeft = async (left: ObjectKey[]) => {
      for (const key of left.filter(one => !wanted.has(idOfKey(one)))) {
        await writer.remove(key, serverIdOf(objects[0]));
      }
    };
    // What pods need stands before there are pods. None of these objects needs another, so they are written at once.
    await write(
      objects.filter(object => !isDeployment(object) && !isAutoscaler(object)),
    );
    // An autoscaler goes before the number of pods is set without it, and comes when the number is there.
    await removeLeft(inventory.filter(isAutoscaler));
    const deployments = await write(objects.filter(isDeployment));
    await write(objects.filter(isAutoscaler));
    const seen = Math.max(
      0,
      ...deployments.map(live => Number(live.metadata.resourceVersion) || 0),
    );
    await removeLeft(inventory);
    await waitForPicture(cluster, serverIdOf(objects[0]), seen);
    return keys;
  }

  async remove(
    cluster: ClusterConnection,
    server: { id: string },
    inventory: ObjectKey[],
    guard: WriteGuard,
    signal: AbortSignal,
  ): Promise<void> {
    const state = await namespaceState(cluster);
    if (state === 'missing') {
      return;
    }
    if (state === 'unbound') {
      await guard.assertHeld();
      await makeNamespace(cluster);
    }
    const writer = new ObjectWriter(cluster, guard);
    // Pods go first: with its policy or configuration gone a server that still runs would be less fenced than before.
    for (const key of inventory.filter(isDeployment)) {
      signal.throwIfAborted();
      await writer.remove(key, server.id);
    }
    const path = collectionPath('v1', 'Pod', cluster.namespace);
    for (;;) {
      signal.throwIfAborted();
      const { items } = await cluster.api.json<{ items: unknown[] }>({
        method: 'GET',
        path,
        query: { labelSelector: `${SERVER_ID_LABEL}=${server.id}`, limit: 1 },
        signal,
      });
      if (!items.length) {
        break;
      }
      await pause(POLL_MS, signal);
    }
    for (const key of inventory.filter(one => !isDeployment(one))) {
      signal.throwIfAborted();
      await writer.remove(key, server.id);
    }
  }
}

/** Whoever looks at the status after an apply must not be shown the picture from before it. */
async function waitForPicture(
  cluster: ClusterConnection,
  serverId: string | undefined,
  version: number,
): Promise<void> {
  const deadline = Date.now() + PICTURE_MS;
  const name = '';
  while (serverId && version && Date.now() < deadline) {
    const picture = cluster.observe({ id: serverId, name });
    if (
      picture.health.state !== 'ok' ||
      Number(picture.deployment?.metadata?.resourceVersion ?? 0) >= version
    ) {
      return;
    }
    await pause(20, new AbortController().signal);
  }
}

/** Waits for all, also when one fails: no write may still be under way when its failure is dealt with. */
async function allDone<T>(work: Array<Promise<T>>): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
