import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { BridgeObservation, ObservedServer } from '../clusters/types';
import type { Cause } from './causes/Cause';
import { cannotStart, serverOutOfMemory, terminated } from './causes/ended';
import { notReady } from './causes/notReady';
import {
  configError,
  evicted,
  pullFailure,
  stuckCreating,
  unschedulable,
} from './causes/notStarted';
import { allContainers, bridgeContainer, isEnding, isReady } from './podFacts';

/** The cause that most pods share stands for all; of equally common ones the first by pod name. */
export function worstCause(
  pods: V1Pod[],
  observed: ObservedServer,
  now: Date,
): Cause | undefined {
  const found = new Map<string, { cause: Cause; times: number }>();
  for (const pod of [...pods].sort((a, b) =>
    (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? ''),
  )) {
    const cause = findCause(
      pod,
      observed.bridges.get(pod.metadata?.name ?? ''),
      observed.events,
      now,
    );
    if (cause) {
      const entry = found.get(cause.reason) ?? { cause, times: 0 };
      entry.times += 1;
      found.set(cause.reason, entry);
    }
  }
  return [...found.values()].sort((a, b) => b.times - a.times)[0]?.cause;
}

/**
 * Why a pod is not ready, or `undefined` while there is nothing to blame: it is ready, on its way out, or still
 * within the time that starting takes.
 */
function findCause(
  pod: V1Pod,
  bridge: BridgeObservation | undefined,
  events: CoreV1Event[],
  now: Date,
): Cause | undefined {
  if (isReady(pod) || isEnding(pod)) {
    return undefined;
  }
  const own = events.filter(
    event =>
      event.involvedObject.kind === 'Pod' &&
      event.involvedObject.name === pod.metadata?.name,
  );
  const container = bridgeContainer(pod);
  const waiting = container?.state?.waiting;
  return (
    unschedulable(pod) ??
    evicted(pod) ??
    // Whichever it is, no pod runs without all of its containers.
    firstOf(
      allContainers(pod),
      one =>
        pullFailure(pod, one, own) ?? configError(one) ?? cannotStart(pod, one),
    ) ??
    serverOutOfMemory(pod, now) ??
    // Between two tries there is only a waiting state: how the last one ended still tells why.
    (container?.state?.running
      ? undefined
      : terminated(pod, container, bridge)) ??
    (waiting && !container?.lastState?.terminated
      ? stuckCreating(pod, own, now)
      : undefined) ??
    (container?.state?.running
      ? notReady(pod, container, bridge, own, now)
      : undefined)
  );
}

function firstOf<T>(
  items: readonly T[],
  find: (item: T) => Cause | undefined,
): Cause | undefined {
  for (const item of items) {
    const cause = find(item);
    if (cause) {
      return cause;
    }
  }
  return undefined;
}
