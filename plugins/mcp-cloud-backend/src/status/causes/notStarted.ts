import type {
  CoreV1Event,
  V1ContainerStatus,
  V1Pod,
} from '@kubernetes/client-node';
import { oneLine } from '../plainWords';
import { age } from '../podFacts';
import type { Cause } from './Cause';
import { core } from './words';

/** How long volumes and the network may take. */
const CREATING_MS = 8_000;

const PULL_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);

/** No node takes the pod. */
export function unschedulable(pod: V1Pod): Cause | undefined {
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

/** Its node gave it up. */
export function evicted(pod: V1Pod): Cause | undefined {
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

/** The image of a container does not come. */
export function pullFailure(
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

/** What a container is configured with is missing. */
export function configError(container: V1ContainerStatus): Cause | undefined {
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

/** Volumes or the network do not come. */
export function stuckCreating(
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
