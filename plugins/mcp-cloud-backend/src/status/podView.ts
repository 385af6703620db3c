import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type {
  ContainerView,
  PodView,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { parseQuantity } from '../manifests/quantity';
import { allContainers, bridgeContainer, isEnding, isReady } from './podFacts';
import { oneLine } from './plainWords';

/** A pod as pages show it; usage is joined by the caller. */
export function podView(pod: V1Pod, revision: number | undefined): PodView {
  const statuses = pod.status?.containerStatuses ?? [];
  // Their sum, as usage is.
  const memoryLimitBytes = (pod.spec?.containers ?? []).reduce(
    (sum, { resources }) =>
      sum + parseQuantity(resources?.limits?.memory ?? 'none'),
    0,
  );
  return {
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    state: stateOf(pod),
    ready: isReady(pod),
    restarts: statuses.reduce((sum, status) => sum + status.restartCount, 0),
    createdAt:
      iso(pod.metadata?.creationTimestamp) ?? new Date(0).toISOString(),
    ...(pod.spec?.nodeName ? { node: pod.spec.nodeName } : {}),
    ...(pod.status?.podIP ? { ip: pod.status.podIP } : {}),
    ...(revision === undefined ? {} : { revision }),
    containers: statuses.map(containerView),
    ...(memoryLimitBytes > 0 ? { memoryLimitBytes } : {}),
  };
}

function stateOf(pod: V1Pod): string {
  if (isEnding(pod)) {
    return 'Terminating';
  }
  const inTrouble = allContainers(pod).find(
    ({ state: { waiting, terminated } = {} }) =>
      (waiting && waiting.reason !== 'PodInitializing') ||
      (terminated && terminated.exitCode !== 0),
  );
  const { state } = inTrouble ?? bridgeContainer(pod) ?? {};
  return (
    state?.waiting?.reason ??
    state?.terminated?.reason ??
    pod.status?.reason ??
    pod.status?.phase ??
    'Unknown'
  );
}

function containerView(status: V1ContainerStatus): ContainerView {
  const { waiting, terminated } = status.state ?? {};
  const last = status.lastState?.terminated;
  const reason = waiting?.reason ?? terminated?.reason;
  const message = waiting?.message ?? terminated?.message;
  return {
    name: status.name,
    image: status.image,
    ready: status.ready,
    restarts: status.restartCount,
    state: phaseOf(status),
    ...(reason ? { reason } : {}),
    ...(message ? { message: oneLine(message, 1_000) } : {}),
    ...(terminated ? { exitCode: terminated.exitCode } : {}),
    ...(last
      ? {
          lastTermination: {
            reason: last.reason ?? 'Error',
            exitCode: last.exitCode,
            at: iso(last.finishedAt) ?? new Date(0).toISOString(),
            ...(last.message ? { message: oneLine(last.message, 1_000) } : {}),
          },
        }
      : {}),
  };
}

function phaseOf({ state }: V1ContainerStatus): ContainerView['state'] {
  if (state?.terminated) {
    return 'terminated';
  }
  return state?.running ? 'running' : 'waiting';
}

function iso(time: Date | string | undefined): string | undefined {
  return time ? new Date(time).toISOString() : undefined;
}
