import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
} from '@kubernetes/client-node';
import { BRIDGE_CONTAINER, CONTAINER } from '../manifests/names';

/** Whether a pod still is or will be: not one that has ended for good and only waits to be cleaned up. */
export function isLive(pod: V1Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
}

export function isEnding(pod: V1Pod): boolean {
  return Boolean(pod.metadata?.deletionTimestamp);
}

/** Ready, and not on its way out. */
export function isReady(pod: V1Pod): boolean {
  return (
    !isEnding(pod) &&
    isLive(pod) &&
    (pod.status?.conditions ?? []).some(
      condition => condition.type === 'Ready' && condition.status === 'True',
    )
  );
}

/** Whether the bridge has a container of its own. */
export function hasSidecar(pod: V1Pod): boolean {
  return Boolean(
    pod.spec?.containers?.some(({ name }) => name === BRIDGE_CONTAINER),
  );
}

/** The name of the container in which the bridge runs. It writes the log: its own lines, and what the server says. */
export function bridgeContainerName(pod: V1Pod): string {
  return hasSidecar(pod) ? BRIDGE_CONTAINER : CONTAINER;
}

/** The container in which the bridge runs. */
export function bridgeContainer(pod: V1Pod): V1ContainerStatus | undefined {
  const name = bridgeContainerName(pod);
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.find(status => status.name === name) ?? statuses[0];
}

/** All containers, in the order in which they start. */
export function allContainers(pod: V1Pod): V1ContainerStatus[] {
  return [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
}

/** How the container ended: the current state, or else the run before. */
export function lastTermination(
  container: V1ContainerStatus | undefined,
): V1ContainerStateTerminated | undefined {
  return container?.state?.terminated ?? container?.lastState?.terminated;
}

/** Milliseconds since a time as Kubernetes gives it, which is a string in JSON whatever the types say. */
export function age(since: Date | string | undefined, now: Date): number {
  return since ? now.getTime() - new Date(since).getTime() : 0;
}
