import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { BridgeObservation } from '../clusters/types';
import { oneLine } from './plainWords';
import { age, bridgeContainer } from './podFacts';

/** What a pod that is not ready yet is waiting for, in a few words such as `image pulling (12 s)`. */
export function waitingFor(
  pod: V1Pod,
  bridge: BridgeObservation | undefined,
  events: CoreV1Event[],
  now: Date,
): { reason: string; text: string } {
  const seconds = `${Math.max(
    0,
    Math.round(age(pod.metadata?.creationTimestamp, now) / 1000),
  )} s`;
  const scheduled = pod.status?.conditions?.some(
    one => one.type === 'PodScheduled' && one.status === 'True',
  );
  if (!scheduled) {
    return {
      reason: 'Scheduling',
      text: `a node is being chosen (${seconds})`,
    };
  }
  const container = bridgeContainer(pod);
  if (!container?.state?.running) {
    const own = events.filter(
      one =>
        one.involvedObject.kind === 'Pod' &&
        one.involvedObject.name === pod.metadata?.name,
    );
    const pulling =
      own.some(one => one.reason === 'Pulling') &&
      !own.some(one => one.reason === 'Pulled');
    return pulling
      ? { reason: 'ImagePulling', text: `image pulling (${seconds})` }
      : {
          reason: 'ContainerStarting',
          text: `container starting (${seconds})`,
        };
  }
  if (bridge && 'report' in bridge && bridge.report.ready.reason) {
    return {
      reason: 'ServerStarting',
      text: `server starting (${seconds}): ${oneLine(
        bridge.report.ready.reason,
        120,
      )}`,
    };
  }
  return { reason: 'ServerStarting', text: `server starting (${seconds})` };
}
