import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import {
  RESTARTED_AT_ANNOTATION,
  REVISION_ANNOTATION,
  TEMPLATE_HASH_ANNOTATION,
  type OperationKind,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ObservedServer } from '../clusters/types';
import type { Cause } from './causes/Cause';
import { refusal } from './causes/refusal';
import { worstCause } from './worstCause';
import { count } from './plainWords';
import { isEnding, isLive, isReady } from './podFacts';
import type { DesiredServer } from './types';
import { waitingFor } from './waitingFor';

const WRITES: ReadonlySet<OperationKind> = new Set([
  'deploy',
  'rollback',
  'start',
  'restart',
  'scale',
  'repair',
  'recover',
]);

type Words = Pick<
  ServerStatus,
  'state' | 'reason' | 'message' | 'hint' | 'stderr'
>;

/**
 * A server's status from what is desired and what its cluster shows. Pure: the same input gives the same answer, and
 * every input gives one. `now` decides only how long something has been going on.
 */
export function deriveStatus(
  wanted: DesiredServer,
  observed: ObservedServer,
  now: Date,
): ServerStatus {
  const desired = withLiveScale(wanted, observed);
  const pods = observed.pods.filter(isLive);
  const ready = pods.filter(isReady);
  const serving = servingRevision(desired, observed, ready);
  const words = wordsFor(desired, observed, now, { pods, ready, serving });
  return {
    ...words,
    pods: {
      desired: desired.runState === 'stopped' ? 0 : desired.replicas,
      ready: ready.length,
      total: pods.length,
    },
    ...(serving !== undefined && words.state !== 'Unknown'
      ? { servingRevision: serving }
      : {}),
    version: observed.version,
  };
}

/** Where an autoscaler sets the number of pods, within its bounds that is the number which is wanted. */
function withLiveScale(
  desired: DesiredServer,
  { deployment }: ObservedServer,
): DesiredServer {
  const { scaling } = desired;
  return scaling
    ? {
        ...desired,
        replicas: Math.min(
          scaling.max,
          Math.max(scaling.min, deployment?.spec?.replicas ?? 0),
        ),
      }
    : desired;
}

interface Facts {
  pods: V1Pod[];
  ready: V1Pod[];
  serving: number | undefined;
}

function wordsFor(
  desired: DesiredServer,
  observed: ObservedServer,
  now: Date,
  facts: Facts,
): Words {
  if (observed.health.state === 'unreachable') {
    return {
      state: 'Unknown',
      reason: 'ClusterUnreachable',
      message: `The cluster ${desired.cluster} is not reached: ${
        observed.health.reason ?? 'it does not answer.'
      }`,
      hint: 'The server may well be running. This page becomes right by itself when the cluster answers again.',
    };
  }
  if (!observed.synced) {
    return {
      state: 'Unknown',
      reason: 'NotSynced',
      message: `The state of the cluster ${desired.cluster} is being read.`,
      hint: 'This takes a moment.',
    };
  }
  if (desired.operation === 'delete') {
    return {
      state: 'Deleting',
      reason: 'Deleting',
      message: facts.pods.length
        ? `${count(facts.pods.length, 'pod')} still to end.`
        : 'The last objects are being removed.',
    };
  }
  return desired.runState === 'stopped'
    ? stopped(desired, facts)
    : running(desired, observed, now, facts);
}

function stopped(desired: DesiredServer, { pods }: Facts): Words {
  if (pods.length === 0) {
    return {
      state: 'Stopped',
      reason: 'Stopped',
      message: 'The server is stopped.',
      hint: 'Start it to use it.',
    };
  }
  const failed =
    pods.some(pod => !isEnding(pod)) && desired.operation !== 'stop';
  if (failed) {
    return {
      state: 'Degraded',
      reason: 'StillRunning',
      message: `The server should be stopped, but ${count(
        pods.length,
        'pod',
      )} still run.`,
      hint: 'Stop it again. If that does not help, somebody else scales its Deployment.',
    };
  }
  return {
    state: 'Deploying',
    reason: 'Stopping',
    message: `Stopping: ${count(
      pods.length,
      'pod',
    )} still to end. Calls that run are finished first.`,
  };
}

function running(
  desired: DesiredServer,
  observed: ObservedServer,
  now: Date,
  facts: Facts,
): Words {
  const { deployment } = observed;
  const writing =
    desired.operation !== undefined && WRITES.has(desired.operation);
  if (!deployment) {
    return writing
      ? {
          state: 'Deploying',
          reason: 'Applying',
          message: 'Its objects are being written to the cluster.',
        }
      : {
          state: 'Failed',
          reason: 'DeploymentMissing',
          message: `Its objects are not in the cluster ${desired.cluster}.`,
          hint: 'Deploy it again.',
        };
  }
  const applied = Number(
    deployment.metadata?.annotations?.[REVISION_ANNOTATION] ?? 0,
  );
  if (applied < desired.revision) {
    return notApplied(desired, facts, writing, applied);
  }
  if ((deployment.spec?.replicas ?? 1) !== desired.replicas) {
    return otherScale(desired, deployment, facts, writing);
  }

  const current = facts.pods.filter(
    pod => !isEnding(pod) && isOfTemplate(pod, deployment),
  );
  const currentReady = current.filter(isReady);
  if (isComplete(desired, deployment, facts, currentReady)) {
    const all = count(facts.ready.length, 'pod');
    return {
      state: 'Running',
      reason: 'AllPodsReady',
      message:
        facts.ready.length === 1
          ? 'Its pod is ready.'
          : `All ${all} are ready.`,
    };
  }
  const missing = current.length < desired.replicas;
  // Pods that ended for good stay behind for long; they are asked only when nothing else tells why pods are missing.
  const dead = missing
    ? observed.pods.filter(pod => !isLive(pod) && isOfTemplate(pod, deployment))
    : [];
  const cause =
    refusal(observed, now, missing) ??
    worstCause(current, observed, now) ??
    worstCause(dead, observed, now);
  if (cause) {
    return failure(cause, desired, facts, currentReady.length);
  }
  return progress(
    desired,
    observed,
    now,
    facts,
    current,
    currentReady,
    writing,
  );
}

function notApplied(
  desired: DesiredServer,
  facts: Facts,
  writing: boolean,
  applied: number,
): Words {
  if (writing) {
    return {
      state: 'Deploying',
      reason: 'Applying',
      message: `Revision ${desired.revision} is being written to the cluster.`,
    };
  }
  const before = applied ? `, which has revision ${applied}` : '';
  return {
    state: facts.ready.length ? 'Degraded' : 'Failed',
    reason: 'RevisionNotApplied',
    message: `Revision ${
      desired.revision
    } has not reached the cluster${before}.${
      facts.ready.length ? ' The earlier revision still serves.' : ''
    }`,
    hint: 'See why the last operation failed, and deploy again.',
  };
}

function otherScale(
  desired: DesiredServer,
  deployment: V1Deployment,
  facts: Facts,
  writing: boolean,
): Words {
  const found = deployment.spec?.replicas ?? 1;
  if (writing) {
    return {
      state: 'Deploying',
      reason: 'Scaling',
      message: `Scaling from ${found} to ${count(desired.replicas, 'pod')}.`,
    };
  }
  return {
    state: facts.ready.length ? 'Degraded' : 'Failed',
    reason: 'ScaledElsewhere',
    message: `It should have ${count(
      desired.replicas,
      'pod',
    )}, but its Deployment was set to ${found} by somebody else.`,
    hint: `Scale it to ${desired.replicas} again, or to the number that is wanted.`,
  };
}

/** Whether Kubernetes has seen the newest template and only its pods are left, all of them ready. */
function isComplete(
  desired: DesiredServer,
  deployment: V1Deployment,
  facts: Facts,
  currentReady: V1Pod[],
): boolean {
  const status = deployment.status ?? {};
  return (
    (status.observedGeneration ?? 0) >=
      (deployment.metadata?.generation ?? 0) &&
    currentReady.length === desired.replicas &&
    // More ready pods than these are a rollout or a scale-down that is not over.
    facts.ready.length === currentReady.length
  );
}

function failure(
  cause: Cause,
  desired: DesiredServer,
  facts: Facts,
  currentReady: number,
): Words {
  if (facts.ready.length === 0) {
    return { state: 'Failed', ...cause };
  }
  return {
    state: 'Degraded',
    ...cause,
    message: `${whatServes(desired, facts, currentReady)} ${cause.message}`,
  };
}

function whatServes(
  desired: DesiredServer,
  facts: Facts,
  currentReady: number,
): string {
  if (facts.serving !== undefined) {
    return `Revision ${desired.revision} does not come up, revision ${facts.serving} still serves.`;
  }
  return currentReady === 0
    ? 'The new pods do not come up, the old ones still serve.'
    : `${currentReady} of ${count(desired.replicas, 'pod')} ready.`;
}

function progress(
  desired: DesiredServer,
  observed: ObservedServer,
  now: Date,
  facts: Facts,
  current: V1Pod[],
  currentReady: V1Pod[],
  writing: boolean,
): Words {
  const stuck = observed.deployment?.status?.conditions?.find(
    condition =>
      condition.type === 'Progressing' &&
      condition.status === 'False' &&
      condition.reason === 'ProgressDeadlineExceeded',
  );
  if (stuck && !writing) {
    return failure(
      {
        reason: 'RolloutStuck',
        message: 'The rollout makes no progress.',
        hint: 'Look at the pods, their logs and the events.',
      },
      desired,
      facts,
      currentReady.length,
    );
  }
  if (currentReady.length >= desired.replicas) {
    const ending = facts.ready.length - desired.replicas;
    return {
      state: 'Deploying',
      reason: 'EndingOldPods',
      message:
        ending > 0
          ? `All new pods are ready; ${count(ending, 'old pod')} still to end.`
          : 'All new pods are ready.',
    };
  }
  const waiting = current.find(pod => !isReady(pod));
  const what = waiting
    ? waitingFor(
        waiting,
        observed.bridges.get(waiting.metadata?.name ?? ''),
        observed.events,
        now,
      )
    : { reason: 'PodsComing', text: 'pods are being made' };
  const message = `${currentReady.length} of ${count(
    desired.replicas,
    'pod',
  )} ready; ${what.text}.`;
  // Without an operation a pod is coming back: while others serve that is less than wanted, and no deployment.
  return !desired.operation && facts.ready.length && facts.serving === undefined
    ? {
        state: 'Degraded',
        reason: what.reason,
        message,
        hint: 'Kubernetes is bringing the missing pods back by itself.',
      }
    : { state: 'Deploying', reason: what.reason, message };
}

function isOfTemplate(pod: V1Pod, deployment: V1Deployment): boolean {
  const own = pod.metadata?.annotations;
  const wanted = deployment.spec?.template?.metadata?.annotations;
  return (
    own?.[TEMPLATE_HASH_ANNOTATION] === wanted?.[TEMPLATE_HASH_ANNOTATION] &&
    own?.[RESTARTED_AT_ANNOTATION] === wanted?.[RESTARTED_AT_ANNOTATION]
  );
}

/** The newest revision among the ready pods, when it is older than the one that is wanted. */
function servingRevision(
  desired: DesiredServer,
  observed: ObservedServer,
  ready: V1Pod[],
): number | undefined {
  const revisions = ready.map(pod =>
    observed.podRevisions?.get(pod.metadata?.name ?? ''),
  );
  if (!revisions.length || revisions.some(revision => revision === undefined)) {
    return undefined;
  }
  const newest = Math.max(...(revisions as number[]));
  return newest < desired.revision ? newest : undefined;
}
