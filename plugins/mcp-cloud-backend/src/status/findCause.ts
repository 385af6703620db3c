import type {
  CoreV1Event,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
} from '@kubernetes/client-node';
import type { BridgeObservation, BridgeReport } from '../clusters/types';
import {
  age,
  allContainers,
  bridgeContainer,
  hasSidecar,
  isEnding,
  isReady,
  lastTermination,
} from './podFacts';
import { CONTAINER } from '../manifests/names';
import { count, oneLine } from './plainWords';

/** Why a pod does not come up, in the words of a status. */
export interface Cause {
  reason: string;
  message: string;
  hint: string;
  stderr?: string[];
}

/** A bridge is there within a second or two; a busy node gets some more before silence counts as absence. */
const SILENCE_MS = 6_000;
/** How long a bridge that answers may say "not ready" before that counts as a failure. */
const NOT_READY_MS = 20_000;
/** How long volumes and the network may take. */
const CREATING_MS = 8_000;
/** How long the end of a child explains why a bridge is not ready. */
const EXIT_MS = 5 * 60_000;
const MAX_STDERR_LINES = 20;
/** Every bridge begins its termination message with this. */
const BRIDGE_MARK = 'mcp-bridge:';

const PULL_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);

/**
 * Why a pod is not ready, or `undefined` while there is nothing to blame: it is ready, on its way out, or still
 * within the time that starting takes.
 */
export function findCause(
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
      ? running(pod, container, bridge, own, now)
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

function unschedulable(pod: V1Pod): Cause | undefined {
  const condition = pod.status?.conditions?.find(
    one =>
      one.type === 'PodScheduled' &&
      one.status === 'False' &&
      one.reason === 'Unschedulable',
  );
  if (!condition) {
    return undefined;
  }
  const words = condition.message ?? '';
  const lacking = [
    /insufficient memory/i.test(words) && 'memory',
    /insufficient cpu/i.test(words) && 'CPU',
  ].filter(Boolean);
  return {
    reason: 'Unschedulable',
    message: `No node can take the pod: ${oneLine(words)}`,
    hint: lacking.length
      ? `Lower the ${lacking.join(
          ' and ',
        )} requests, run fewer replicas, or ask the platform's operators for more nodes.`
      : "Ask the platform's operators: the cluster's nodes do not admit this pod.",
  };
}

function evicted(pod: V1Pod): Cause | undefined {
  if (pod.status?.phase !== 'Failed' || !pod.status.reason) {
    return undefined;
  }
  return {
    reason: pod.status.reason,
    message: `The node gave the pod up (${pod.status.reason})${
      pod.status.message ? `: ${oneLine(pod.status.message)}` : '.'
    }`,
    hint: 'Kubernetes makes a new pod. If this goes on, raise the memory request so that it matches what the server needs.',
  };
}

function pullFailure(
  pod: V1Pod,
  container: V1ContainerStatus,
  own: CoreV1Event[],
): Cause | undefined {
  const waiting = container.state?.waiting;
  if (!waiting?.reason || !PULL_REASONS.has(waiting.reason)) {
    return undefined;
  }
  const image =
    [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find(
      one => one.name === container.name,
    )?.image ?? container.image;
  if (waiting.reason === 'InvalidImageName') {
    return {
      reason: 'ImageNameInvalid',
      message: `${image} is not a valid image name.`,
      hint: 'Write registry/path:tag, and deploy again.',
    };
  }
  // While it backs off the state may only say so; the words of the registry are then in the event of the try.
  const said = waiting.message ?? '';
  const event = own.find(
    one => one.reason === 'Failed' && /failed to pull/i.test(one.message ?? ''),
  );
  const words = /^(Back-off pulling image "[^"]*")?$/.test(said)
    ? event?.message ?? ''
    : said;
  const { short, hint } = registryWords(words);
  return {
    reason: 'ImagePullFailed',
    message: `The image ${image} cannot be pulled: ${short}`,
    hint,
  };
}

function registryWords(words: string): { short: string; hint: string } {
  if (
    /not found|manifest unknown|name unknown|does not exist|404/i.test(words) &&
    !/no such host/i.test(words)
  ) {
    return {
      short: 'the registry does not have it.',
      hint: 'Check the name and the tag, push the image, and deploy again.',
    };
  }
  if (/unauthorized|denied|forbidden|authentication|401|403/i.test(words)) {
    return {
      short: 'the registry refuses access.',
      hint: 'Name a pull secret that may read this image (imagePullSecrets), or make the image readable.',
    };
  }
  if (
    /no such host|connection refused|timeout|timed out|deadline|no route|unreachable|connection reset|EOF/i.test(
      words,
    )
  ) {
    return {
      short: `the registry is not reached (${oneLine(core(words), 160)}).`,
      hint: "Check the registry's address. If it is right, the cluster's nodes have no way to it.",
    };
  }
  return {
    short: oneLine(core(words), 200) || 'the registry gave no reason.',
    hint: 'Check the image, and deploy again.',
  };
}

/** The innermost of errors that wrap each other. */
function core(words: string): string {
  return words.split(/desc = |: rpc error: |ErrImagePull: /).pop() ?? words;
}

function configError(container: V1ContainerStatus): Cause | undefined {
  const waiting = container.state?.waiting;
  if (waiting?.reason !== 'CreateContainerConfigError') {
    return undefined;
  }
  const words = waiting.message ?? '';
  const secret = /secret "([^"]+)" not found/i.exec(words)?.[1];
  if (secret) {
    return {
      reason: 'SecretMissing',
      message: `The Secret ${secret}, which holds the server's secret values, is not in the cluster.`,
      hint: 'Give the secret values again and deploy.',
    };
  }
  const key = /couldn't find key (\S+) in Secret/i.exec(words)?.[1];
  return {
    reason: 'ConfigurationError',
    message: key
      ? `The secret ${key} has no value.`
      : `The container cannot be set up: ${oneLine(words)}`,
    hint: key
      ? `Give a value for ${key} and deploy.`
      : 'Correct the configuration and deploy again.',
  };
}

/** The runtime could not even start the process. */
function cannotStart(
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

function terminated(
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
function serverOutOfMemory(pod: V1Pod, now: Date): Cause | undefined {
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

function withoutBridge(sign: string): Cause {
  return {
    reason: 'ImageWithoutBridge',
    message: `The image has no MCP bridge as its entry point: ${sign}.`,
    hint: 'Build the image FROM the MCP Cloud bridge image, keep its ENTRYPOINT, and deploy again.',
  };
}

function stuckCreating(
  pod: V1Pod,
  own: CoreV1Event[],
  now: Date,
): Cause | undefined {
  const event = own.find(
    one =>
      one.type === 'Warning' &&
      ['FailedMount', 'FailedCreatePodSandBox', 'FailedAttachVolume'].includes(
        one.reason ?? '',
      ),
  );
  if (!event || age(pod.metadata?.creationTimestamp, now) < CREATING_MS) {
    return undefined;
  }
  return {
    reason: 'ContainerCreationBlocked',
    message: `The pod cannot be set up: ${oneLine(
      event.message ?? event.reason ?? '',
    )}`,
    hint: "If this does not pass by itself, tell the platform's operators.",
  };
}

function running(
  pod: V1Pod,
  container: V1ContainerStatus,
  bridge: BridgeObservation | undefined,
  own: CoreV1Event[],
  now: Date,
): Cause | undefined {
  const runs = age(container.state?.running?.startedAt, now);
  const report = bridge && 'report' in bridge ? bridge.report : undefined;
  const exit = report && !report.ready.ok ? newestExit(report, now) : undefined;
  // The run before may have told already what goes wrong, while this one is still on its way to the same end.
  if (container.lastState?.terminated && runs < SILENCE_MS && !exit) {
    return terminated(
      pod,
      { ...container, state: { terminated: container.lastState.terminated } },
      bridge,
    );
  }
  if (report) {
    if (report.ready.ok || report.draining) {
      return undefined;
    }
    if (exit) {
      const how = exit.signal ? `signal ${exit.signal}` : `code ${exit.code}`;
      return {
        reason: 'ServerCrashed',
        message: `The server's process ends at once, with ${how}.`,
        hint:
          exit.signal === 'SIGKILL'
            ? 'It was killed, most likely for want of memory: raise the memory limit and deploy again.'
            : 'Its last lines tell why. Correct command, arguments, variables or the image, and deploy again.',
        stderr: tail(exit.stderr.length ? exit.stderr : report.stderr),
      };
    }
    if (runs < NOT_READY_MS) {
      return undefined;
    }
    return {
      reason: 'ServerNotReady',
      message: `The server runs but is not ready: ${oneLine(
        report.ready.reason ?? 'it has not answered initialize yet',
      )}`,
      hint: 'Look at its last lines. Is the command a stdio MCP server, and does it have all the variables that it needs?',
      stderr: tail(report.stderr),
    };
  }
  if (
    bridge &&
    'error' in bridge &&
    bridge.nothingListens &&
    !hasSidecar(pod) &&
    runs > SILENCE_MS
  ) {
    return withoutBridge(
      `it runs for ${Math.round(
        runs / 1000,
      )} s and nothing answers on port 9090`,
    );
  }
  const probe = own.find(one => one.reason === 'Unhealthy');
  if (probe && runs > NOT_READY_MS) {
    return {
      reason: 'ProbeFailing',
      message: `The pod runs but does not answer its health check: ${oneLine(
        probe.message ?? '',
      )}`,
      hint: 'Look at the log. A restart may help.',
    };
  }
  return undefined;
}

/** The child's last end, unless it is so long ago that something else must be the matter now. */
function newestExit(
  report: BridgeReport,
  now: Date,
): BridgeReport['lastExits'][number] | undefined {
  // Those that never ran have neither code nor signal; why they did not is why the bridge is not ready.
  const ended = report.lastExits.filter(
    ({ code, signal }) => code !== null || signal !== null,
  );
  const exits = ended.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const last = exits[exits.length - 1];
  return last && age(last.at, now) < EXIT_MS ? last : undefined;
}

function tail(lines: string[]): string[] | undefined {
  return lines.length
    ? lines.slice(-MAX_STDERR_LINES).map(line => oneLine(line, 2_000))
    : undefined;
}
