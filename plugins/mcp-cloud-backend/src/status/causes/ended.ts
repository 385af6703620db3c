import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
} from '@kubernetes/client-node';
import type { BridgeObservation } from '../../clusters/types';
import { CONTAINER } from '../../manifests/names';
import { count, oneLine } from '../plainWords';
import { age, hasSidecar, lastTermination } from '../podFacts';
import type { Cause } from './Cause';
import { core, tail } from './words';

/** How long the end of a process explains why a bridge is not ready. */
export const EXIT_MS = 5 * 60_000;
/** Every bridge begins its termination message with this. */
const BRIDGE_MARK = 'mcp-bridge:';

/** The runtime could not even start the process. */
export function cannotStart(
  pod: V1Pod,
  container: V1ContainerStatus,
): Cause | undefined {
  const waiting = container.state?.waiting;
  const ended = lastTermination(container);
  let words: string | undefined;
  if (
    waiting &&
    ['CreateContainerError', 'RunContainerError'].includes(waiting.reason ?? '')
  ) {
    words = waiting.message ?? '';
  } else if (
    ended &&
    ['StartError', 'ContainerCannotRun'].includes(ended.reason ?? '') &&
    !container.state?.running
  ) {
    words = ended.message ?? '';
  }
  if (words === undefined) {
    return undefined;
  }
  if (
    !hasSidecar(pod) &&
    /no command specified|executable file not found|no such file or directory|permission denied|exec format error/i.test(
      words,
    )
  ) {
    return withoutBridge(
      `the container could not be started (${oneLine(core(words), 160)})`,
    );
  }
  return {
    reason: 'ContainerCannotStart',
    message: `The container could not be started: ${oneLine(core(words))}`,
    hint: 'Check the image and the configuration, and deploy again.',
  };
}

/** A container's process ended; of one that runs again, how it did. */
export function terminated(
  pod: V1Pod,
  container: V1ContainerStatus | undefined,
  bridge: BridgeObservation | undefined,
): Cause | undefined {
  const ended = lastTermination(container);
  if (!container || !ended) {
    return undefined;
  }
  if (ended.reason === 'OOMKilled') {
    return outOfMemory(pod, container);
  }
  const lines = (ended.message ?? '').split('\n').filter(line => line.trim());
  const report = bridge && 'report' in bridge ? bridge.report : undefined;
  const mark = lines.find(line => line.includes(BRIDGE_MARK));
  const restarts = container.restartCount
    ? `, after ${count(container.restartCount, 'restart')}`
    : '';
  if (mark) {
    return {
      reason: 'BridgeFailed',
      message: `The bridge ended with code ${
        ended.exitCode
      }${restarts}: ${oneLine(
        mark.slice(mark.indexOf(BRIDGE_MARK) + BRIDGE_MARK.length),
      )}`,
      hint: 'Look at the last lines and the log of the run before, correct the cause, and deploy again.',
      stderr: tail(lines),
    };
  }
  if (!report && !wasKilled(ended) && !hasSidecar(pod)) {
    return {
      ...withoutBridge(
        `its process ended with code ${ended.exitCode} and said nothing that a bridge says`,
      ),
      ...(lines.length ? { stderr: tail(lines) } : {}),
    };
  }
  return {
    reason: 'CrashLoop',
    message: `The container ended with ${
      ended.signal ? `signal ${ended.signal}` : `code ${ended.exitCode}`
    }${restarts}.`,
    hint: 'Look at the log of the run before, correct the cause, and deploy again.',
    stderr: tail(lines.length ? lines : report?.stderr ?? []),
  };
}

/** Ended from outside (128 + signal), by a probe for example: no sign of whose image it is. */
function wasKilled(ended: V1ContainerStateTerminated): boolean {
  return ended.exitCode === 137 || ended.exitCode === 143;
}

/** Beside the bridge's container, the server's may have been killed as a whole, with the agent in it. */
export function serverOutOfMemory(pod: V1Pod, now: Date): Cause | undefined {
  const server = hasSidecar(pod)
    ? pod.status?.containerStatuses?.find(({ name }) => name === CONTAINER)
    : undefined;
  const ended = lastTermination(server);
  return server &&
    ended?.reason === 'OOMKilled' &&
    age(ended.finishedAt, now) < EXIT_MS
    ? outOfMemory(pod, server)
    : undefined;
}

function outOfMemory(pod: V1Pod, container: V1ContainerStatus): Cause {
  const limit = pod.spec?.containers?.find(one => one.name === container.name)
    ?.resources?.limits?.memory;
  return {
    reason: 'OutOfMemory',
    message: `The server needs more memory than its limit${
      limit ? ` of ${limit}` : ''
    } and was killed${
      container.restartCount
        ? ` (${count(container.restartCount, 'restart')})`
        : ''
    }.`,
    hint: 'Raise the memory limit, or lower what the server holds in memory.',
  };
}

/** Nothing in the image speaks as a bridge does, for which there is a sign. */
export function withoutBridge(sign: string): Cause {
  return {
    reason: 'ImageWithoutBridge',
    message: `The image has no MCP bridge as its entry point: ${sign}.`,
    hint: 'Build the image FROM the MCP Cloud bridge image, keep its ENTRYPOINT, and deploy again.',
  };
}
