import type {
  CoreV1Event,
  V1ContainerState,
  V1Deployment,
  V1Pod,
  V1PodCondition,
} from '@kubernetes/client-node';
import {
  REVISION_ANNOTATION,
  TEMPLATE_HASH_ANNOTATION,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import fc from 'fast-check';
import type {
  BridgeObservation,
  BridgeReport,
  ObservedServer,
} from '../clusters/types';
import { deriveStatus } from './deriveStatus';
import type { DesiredServer } from './types';

const NOW = new Date('2026-11-21T12:00:00Z');
const IMAGE = 'registry.example/tools:1.4';
/** A time so many seconds ago, as JSON has it. */
const ago = (seconds: number) =>
  new Date(NOW.getTime() - seconds * 1000).toISOString() as unknown as Date;

const desired = (rest: Partial<DesiredServer> = {}): DesiredServer => ({
  id: 'id-1',
  name: 'tools',
  cluster: 'dev',
  runState: 'running',
  replicas: 1,
  revision: 2,
  handshake: 'full',
  ...rest,
});

const deployment = (
  rest: {
    replicas?: number;
    revision?: number;
    seen?: boolean;
    conditions?: object[];
    hash?: string;
  } = {},
): V1Deployment =>
  ({
    metadata: {
      name: 'mcp-tools',
      generation: 5,
      annotations: { [REVISION_ANNOTATION]: String(rest.revision ?? 2) },
    },
    spec: {
      replicas: rest.replicas ?? 1,
      template: {
        metadata: {
          annotations: { [TEMPLATE_HASH_ANNOTATION]: rest.hash ?? 'new' },
        },
      },
    },
    status: {
      observedGeneration: rest.seen === false ? 4 : 5,
      conditions: rest.conditions ?? [],
    },
  } as unknown as V1Deployment);

interface PodOptions {
  name?: string;
  hash?: string;
  ready?: boolean;
  ending?: boolean;
  phase?: string;
  reason?: string;
  message?: string;
  state?: V1ContainerState;
  lastState?: V1ContainerState;
  restarts?: number;
  age?: number;
  conditions?: Array<Partial<V1PodCondition>>;
  noContainer?: boolean;
}

const pod = (options: PodOptions = {}): V1Pod =>
  ({
    metadata: {
      name: options.name ?? 'mcp-tools-a-1',
      creationTimestamp: ago(options.age ?? 12),
      annotations: { [TEMPLATE_HASH_ANNOTATION]: options.hash ?? 'new' },
      ...(options.ending ? { deletionTimestamp: ago(1) } : {}),
    },
    spec: {
      containers: [
        {
          name: 'server',
          image: IMAGE,
          resources: { limits: { memory: '512Mi' } },
        },
      ],
    },
    status: {
      phase: options.phase ?? 'Running',
      reason: options.reason,
      message: options.message,
      conditions: options.conditions ?? [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: options.ready ? 'True' : 'False' },
      ],
      containerStatuses: options.noContainer
        ? []
        : [
            {
              name: 'server',
              image: IMAGE,
              ready: options.ready ?? false,
              restartCount: options.restarts ?? 0,
              state: options.state ?? { running: { startedAt: ago(3) } },
              lastState: options.lastState ?? {},
            },
          ],
    },
  } as unknown as V1Pod);

/** The same with the bridge in a container of its own, which runs; the options are the server's. */
const besideBridge = (options: PodOptions = {}): V1Pod => {
  const one = pod(options);
  one.spec!.containers.push({ name: 'bridge', image: 'reg/bridge:1' });
  one.status!.containerStatuses!.push({
    name: 'bridge',
    image: 'reg/bridge:1',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { running: { startedAt: ago(30) } },
  });
  return one;
};

const readyPod = (options: PodOptions = {}) => pod({ ready: true, ...options });
const waiting = (reason: string, message = '') =>
  pod({ phase: 'Pending', state: { waiting: { reason, message } } });
const ended = (terminated: {
  exitCode: number;
  reason?: string;
  message?: string;
  signal?: number;
  finishedAt?: Date;
}) => terminated as V1ContainerState['terminated'];

const event = (
  kind: string,
  name: string,
  reason: string,
  message: string,
  secondsAgo = 1,
  type = 'Warning',
): CoreV1Event =>
  ({
    metadata: { name: `${reason}-${secondsAgo}` },
    involvedObject: { kind, name },
    type,
    reason,
    message,
    lastTimestamp: ago(secondsAgo),
  } as unknown as CoreV1Event);

const report = (rest: Partial<BridgeReport> = {}): BridgeReport => ({
  version: '0.1.0',
  draining: false,
  ready: { ok: false, reason: 'starting' },
  sessions: 0,
  lastExits: [],
  stderr: [],
  ...rest,
});

interface Scene
  extends Partial<Omit<ObservedServer, 'bridges' | 'podRevisions'>> {
  bridge?: BridgeReport | { error: string; nothingListens?: boolean };
  revisions?: Record<string, number>;
}

const observe = ({ bridge, revisions, ...rest }: Scene): ObservedServer => ({
  deployment: deployment(),
  pods: [],
  events: [],
  health: { state: 'ok', since: NOW },
  synced: true,
  version: 77,
  ...rest,
  podRevisions: new Map(Object.entries(revisions ?? {})),
  bridges: new Map<string, BridgeObservation>(
    bridge
      ? [
          [
            'mcp-tools-a-1',
            'ready' in bridge
              ? { at: NOW, report: bridge }
              : { at: NOW, ...bridge },
          ],
        ]
      : [],
  ),
});

type Row = [
  what: string,
  desired: Partial<DesiredServer>,
  observed: Scene,
  expected: Partial<ServerStatus>,
];
const has = expect.stringContaining;

const rows: Row[] = [
  // What cannot be known
  [
    'the cluster is away',
    {},
    {
      health: {
        state: 'unreachable',
        reason: 'The API server did not answer within 5 s.',
        since: NOW,
      },
      pods: [readyPod()],
    },
    {
      state: 'Unknown',
      reason: 'ClusterUnreachable',
      message: has('did not answer within 5 s'),
      hint: has('by itself'),
    },
  ],
  [
    'the picture is not read yet',
    {},
    { synced: false },
    { state: 'Unknown', reason: 'NotSynced' },
  ],
  [
    'a cluster that is away hides that it is stopped',
    { runState: 'stopped' },
    { health: { state: 'unreachable', since: NOW } },
    { state: 'Unknown' },
  ],

  // Deleted, stopped
  [
    'being deleted',
    { operation: 'delete' },
    { pods: [pod({ ending: true })] },
    { state: 'Deleting', message: '1 pod still to end.' },
  ],
  [
    'deleted but for the last objects',
    { operation: 'delete' },
    { deployment: undefined },
    { state: 'Deleting', message: has('last objects') },
  ],
  [
    'stopped',
    { runState: 'stopped' },
    { deployment: deployment({ replicas: 0 }) },
    {
      state: 'Stopped',
      reason: 'Stopped',
      hint: has('Start it'),
      pods: { desired: 0, ready: 0, total: 0 },
    },
  ],
  [
    'stopped before it ever ran',
    { runState: 'stopped' },
    { deployment: undefined },
    { state: 'Stopped' },
  ],
  [
    'stopped, with a pod that ended long ago',
    { runState: 'stopped' },
    { pods: [pod({ phase: 'Failed', reason: 'Evicted' })] },
    { state: 'Stopped' },
  ],
  [
    'still stopping',
    { runState: 'stopped', operation: 'stop' },
    { pods: [pod({ ending: true }), pod({ ending: true })] },
    {
      state: 'Deploying',
      reason: 'Stopping',
      message: has('2 pods still to end'),
    },
  ],
  [
    'stopped, but somebody scaled it up',
    { runState: 'stopped' },
    { deployment: deployment({ replicas: 1 }), pods: [readyPod()] },
    { state: 'Degraded', reason: 'StillRunning' },
  ],

  // All is well
  [
    'all pods ready',
    {},
    { pods: [readyPod()] },
    {
      state: 'Running',
      reason: 'AllPodsReady',
      hint: undefined,
      pods: { desired: 1, ready: 1, total: 1 },
    },
  ],
  [
    'all of three ready',
    { replicas: 3 },
    {
      deployment: deployment({ replicas: 3 }),
      pods: ['a', 'b', 'c'].map(name => readyPod({ name })),
    },
    { state: 'Running', message: 'All 3 pods are ready.' },
  ],
  [
    'ready after a crash long ago',
    {},
    {
      pods: [
        readyPod({
          restarts: 4,
          lastState: {
            terminated: ended({ exitCode: 137, reason: 'OOMKilled' }),
          },
        }),
      ],
    },
    { state: 'Running' },
  ],
  [
    'ready while the old one ends its calls',
    {},
    {
      pods: [readyPod(), readyPod({ name: 'old', hash: 'old', ending: true })],
    },
    { state: 'Running', pods: { desired: 1, ready: 1, total: 2 } },
  ],
  [
    'ready, the deploy operation not over yet',
    { operation: 'deploy' },
    { pods: [readyPod()] },
    { state: 'Running' },
  ],

  // On its way
  [
    'nothing written yet',
    { operation: 'deploy' },
    { deployment: undefined },
    { state: 'Deploying', reason: 'Applying' },
  ],
  [
    'the next revision not written yet',
    { operation: 'deploy', revision: 3 },
    { pods: [readyPod()], revisions: { 'mcp-tools-a-1': 2 } },
    { state: 'Deploying', reason: 'Applying', servingRevision: 2 },
  ],
  [
    'written, not seen by Kubernetes yet',
    { operation: 'deploy' },
    {
      deployment: deployment({ seen: false }),
      pods: [readyPod({ hash: 'old' })],
    },
    { state: 'Deploying', reason: 'PodsComing' },
  ],
  [
    'a node is being chosen',
    { operation: 'deploy' },
    { pods: [pod({ phase: 'Pending', noContainer: true, conditions: [] })] },
    {
      state: 'Deploying',
      reason: 'Scheduling',
      message: has('node is being chosen (12 s)'),
    },
  ],
  [
    'the image is being pulled',
    { operation: 'deploy' },
    {
      pods: [waiting('ContainerCreating')],
      events: [
        event('Pod', 'mcp-tools-a-1', 'Pulling', 'Pulling image', 5, 'Normal'),
      ],
    },
    {
      state: 'Deploying',
      reason: 'ImagePulling',
      message: '0 of 1 pod ready; image pulling (12 s).',
    },
  ],
  [
    'the container is starting',
    { operation: 'deploy' },
    { pods: [waiting('ContainerCreating')] },
    { state: 'Deploying', reason: 'ContainerStarting' },
  ],
  [
    'the server is starting',
    { operation: 'deploy' },
    {
      pods: [pod()],
      bridge: report({
        ready: { ok: false, reason: 'waiting for initialize' },
      }),
    },
    {
      state: 'Deploying',
      reason: 'ServerStarting',
      message: has('waiting for initialize'),
    },
  ],
  [
    'nothing answers yet, but it is early',
    { operation: 'deploy' },
    { pods: [pod()], bridge: { error: 'no answer', nothingListens: true } },
    { state: 'Deploying', reason: 'ServerStarting' },
  ],
  [
    'scaling up',
    { operation: 'scale', replicas: 3 },
    { pods: [readyPod()] },
    {
      state: 'Deploying',
      reason: 'Scaling',
      message: 'Scaling from 1 to 3 pods.',
    },
  ],
  [
    'new pods ready, old ones not gone',
    { operation: 'deploy' },
    { pods: [readyPod(), readyPod({ name: 'old', hash: 'old' })] },
    { state: 'Deploying', reason: 'EndingOldPods', message: has('1 old pod') },
  ],

  // Less than wanted
  [
    'a pod comes back by itself',
    { replicas: 2 },
    {
      deployment: deployment({ replicas: 2 }),
      pods: [readyPod({ name: 'b' }), pod()],
    },
    {
      state: 'Degraded',
      reason: 'ServerStarting',
      hint: has('by itself'),
      pods: { desired: 2, ready: 1, total: 2 },
    },
  ],
  [
    'one of two cannot be placed',
    { replicas: 2 },
    {
      deployment: deployment({ replicas: 2 }),
      pods: [readyPod({ name: 'b' }), waiting('ImagePullBackOff', 'not found')],
    },
    {
      state: 'Degraded',
      reason: 'ImagePullFailed',
      message: has('1 of 2 pods ready.'),
    },
  ],
  [
    'scaled by somebody else',
    { replicas: 3 },
    { pods: [readyPod()] },
    { state: 'Degraded', reason: 'ScaledElsewhere', message: has('set to 1') },
  ],
  [
    'scaled by load within its bounds',
    { replicas: 5, scaling: { min: 1, max: 3 } },
    {
      deployment: deployment({ replicas: 2 }),
      pods: [readyPod(), readyPod({ name: 'b' })],
    },
    {
      state: 'Running',
      reason: 'AllPodsReady',
      pods: { desired: 2, ready: 2, total: 2 },
    },
  ],
  [
    'scaled out of its bounds by somebody else',
    { scaling: { min: 2, max: 3 } },
    { pods: [readyPod()] },
    { state: 'Degraded', reason: 'ScaledElsewhere', message: has('set to 1') },
  ],
  [
    'scaled to nothing by somebody else',
    {},
    { deployment: deployment({ replicas: 0 }) },
    { state: 'Failed', reason: 'ScaledElsewhere' },
  ],
  [
    'its objects are gone',
    {},
    { deployment: undefined },
    { state: 'Failed', reason: 'DeploymentMissing', hint: 'Deploy it again.' },
  ],
  [
    'the last apply was refused',
    { revision: 3 },
    { pods: [readyPod()], revisions: { 'mcp-tools-a-1': 2 } },
    { state: 'Degraded', reason: 'RevisionNotApplied', servingRevision: 2 },
  ],
  [
    'the first apply was refused',
    { revision: 3 },
    {},
    { state: 'Failed', reason: 'RevisionNotApplied' },
  ],

  // Images
  [
    'the registry does not have the image',
    {},
    {
      pods: [
        waiting(
          'ErrImagePull',
          'rpc error: code = NotFound desc = failed to pull and unpack image: not found',
        ),
      ],
    },
    {
      state: 'Failed',
      reason: 'ImagePullFailed',
      message: `The image ${IMAGE} cannot be pulled: the registry does not have it.`,
      hint: has('push the image'),
    },
  ],
  [
    'the same while it backs off',
    {},
    {
      pods: [waiting('ImagePullBackOff', `Back-off pulling image "${IMAGE}"`)],
      events: [
        event(
          'Pod',
          'mcp-tools-a-1',
          'Failed',
          'Failed to pull image: manifest unknown',
          3,
        ),
        event('Pod', 'mcp-tools-a-1', 'Failed', 'Error: ImagePullBackOff', 1),
      ],
    },
    { state: 'Failed', message: has('does not have it') },
  ],
  [
    'the registry refuses',
    {},
    {
      pods: [
        waiting(
          'ErrImagePull',
          'code = Unknown desc = pull access denied: authorization failed',
        ),
      ],
    },
    {
      state: 'Failed',
      message: has('refuses access'),
      hint: has('imagePullSecrets'),
    },
  ],
  [
    'the registry is away',
    {},
    {
      pods: [
        waiting(
          'ErrImagePull',
          'code = Unknown desc = dial tcp: lookup registry.example: no such host',
        ),
      ],
    },
    { state: 'Failed', message: has('the registry is not reached (') },
  ],
  [
    'the registry is away, told while it backs off',
    {},
    {
      pods: [
        waiting(
          'ImagePullBackOff',
          `Back-off pulling image "${IMAGE}": ErrImagePull: failed to do request: dial tcp 10.0.0.1:443: connect: connection refused`,
        ),
      ],
      events: [
        event('Pod', 'mcp-tools-a-1', 'Failed', 'Error: ImagePullBackOff'),
      ],
    },
    {
      state: 'Failed',
      message: `The image ${IMAGE} cannot be pulled: the registry is not reached (failed to do request: dial tcp 10.0.0.1:443: connect: connection refused).`,
    },
  ],
  [
    'no word of the registry yet',
    {},
    {
      pods: [waiting('ImagePullBackOff', `Back-off pulling image "${IMAGE}"`)],
      events: [
        event('Pod', 'mcp-tools-a-1', 'Failed', 'Error: ImagePullBackOff'),
      ],
    },
    { state: 'Failed', message: has('the registry gave no reason') },
  ],
  [
    'a strange answer of the registry',
    {},
    {
      pods: [
        waiting('ErrImagePull', 'rpc error: code = Unknown desc = teapot'),
      ],
    },
    { state: 'Failed', message: has('cannot be pulled: teapot') },
  ],
  [
    'an image name that is none',
    {},
    { pods: [waiting('InvalidImageName', 'couldn’t parse')] },
    { state: 'Failed', reason: 'ImageNameInvalid' },
  ],

  // No bridge in the image
  [
    'ends without a word of a bridge',
    {},
    {
      pods: [
        pod({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: {
            terminated: ended({ exitCode: 0, reason: 'Completed' }),
          },
          restarts: 1,
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'ImageWithoutBridge',
      message: has('ended with code 0'),
    },
  ],
  [
    'ends with other words',
    {},
    {
      pods: [
        pod({
          state: {
            terminated: ended({
              exitCode: 2,
              reason: 'Error',
              message: 'usage: x\nbye',
            }),
          },
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'ImageWithoutBridge',
      stderr: ['usage: x', 'bye'],
    },
  ],
  [
    'runs on and nothing answers',
    {},
    {
      pods: [pod({ state: { running: { startedAt: ago(9) } } })],
      bridge: { error: 'refused', nothingListens: true },
    },
    {
      state: 'Failed',
      reason: 'ImageWithoutBridge',
      message: has('runs for 9 s'),
    },
  ],
  [
    'no entry point at all',
    {},
    {
      pods: [
        waiting(
          'CreateContainerError',
          'failed to generate spec: no command specified',
        ),
      ],
    },
    { state: 'Failed', reason: 'ImageWithoutBridge' },
  ],
  [
    'the command is not in the image',
    {},
    {
      pods: [
        pod({
          state: {
            waiting: {
              reason: 'RunContainerError',
              message: 'exec: "x": executable file not found in $PATH',
            },
          },
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'ImageWithoutBridge',
      message: has('executable file not found'),
    },
  ],
  [
    'could not be started for another reason',
    {},
    { pods: [waiting('CreateContainerError', 'context deadline exceeded')] },
    { state: 'Failed', reason: 'ContainerCannotStart' },
  ],

  // The server crashes
  [
    'the child ends at once',
    {},
    {
      pods: [pod()],
      bridge: report({
        lastExits: [
          {
            at: ago(1) as unknown as string,
            code: 3,
            signal: null,
            stderr: ['boom', 'at line 1'],
          },
        ],
      }),
    },
    {
      state: 'Failed',
      reason: 'ServerCrashed',
      message: "The server's process ends at once, with code 3.",
      stderr: ['boom', 'at line 1'],
    },
  ],
  [
    'the child is killed',
    {},
    {
      pods: [pod()],
      bridge: report({
        lastExits: [
          {
            at: ago(1) as unknown as string,
            code: null,
            signal: 'SIGKILL',
            stderr: [],
          },
        ],
        stderr: ['last words'],
      }),
    },
    {
      state: 'Failed',
      reason: 'ServerCrashed',
      message: has('signal SIGKILL'),
      hint: has('memory'),
      stderr: ['last words'],
    },
  ],
  [
    'an exit long ago explains nothing now',
    { operation: 'deploy' },
    {
      pods: [pod()],
      bridge: report({
        lastExits: [
          {
            at: ago(3600) as unknown as string,
            code: 3,
            signal: null,
            stderr: [],
          },
        ],
      }),
    },
    { state: 'Deploying', reason: 'ServerStarting' },
  ],
  [
    'the bridge waits for too long',
    {},
    {
      pods: [pod({ state: { running: { startedAt: ago(21) } } })],
      bridge: report({
        ready: { ok: false, reason: 'initialize is not answered' },
        stderr: ['hm'],
      }),
    },
    {
      state: 'Failed',
      reason: 'ServerNotReady',
      message: has('initialize is not answered'),
      stderr: ['hm'],
    },
  ],
  [
    'killed for want of memory',
    {},
    {
      pods: [
        pod({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: {
            terminated: ended({ exitCode: 137, reason: 'OOMKilled' }),
          },
          restarts: 2,
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'OutOfMemory',
      message: has('512Mi and was killed (2 restarts)'),
      hint: has('Raise the memory limit'),
    },
  ],
  [
    'the same, just started anew',
    {},
    {
      pods: [
        pod({
          lastState: {
            terminated: ended({ exitCode: 137, reason: 'OOMKilled' }),
          },
          restarts: 1,
        }),
      ],
      bridge: report(),
    },
    { state: 'Failed', reason: 'OutOfMemory' },
  ],
  [
    'killed for want of memory, beside its bridge',
    {},
    {
      pods: [
        besideBridge({
          lastState: {
            terminated: ended({
              exitCode: 137,
              reason: 'OOMKilled',
              finishedAt: ago(2),
            }),
          },
          restarts: 1,
        }),
      ],
      bridge: report(),
    },
    { state: 'Failed', reason: 'OutOfMemory' },
  ],
  [
    'killed for want of memory beside its bridge, long ago',
    {},
    {
      pods: [
        besideBridge({
          lastState: {
            terminated: ended({
              exitCode: 137,
              reason: 'OOMKilled',
              finishedAt: ago(3600),
            }),
          },
        }),
      ],
      bridge: report({ ready: { ok: false, reason: 'it sleeps' } }),
    },
    { state: 'Failed', reason: 'ServerNotReady', message: has('it sleeps') },
  ],
  [
    'an image beside the bridge that cannot be pulled',
    {},
    {
      pods: [
        besideBridge({
          state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
        }),
      ],
      bridge: report(),
    },
    { state: 'Failed', reason: 'ImagePullFailed', message: has(IMAGE) },
  ],
  [
    'a command that an image beside the bridge does not have',
    {},
    {
      pods: [besideBridge()],
      bridge: report({
        ready: { ok: false, reason: 'could not be started' },
        lastExits: [
          { at: String(ago(1)), code: null, signal: null, stderr: [] },
        ],
      }),
    },
    {
      state: 'Failed',
      reason: 'ServerNotReady',
      message: has('could not be started'),
    },
  ],
  [
    'the bridge itself gives up',
    {},
    {
      pods: [
        pod({
          state: {
            terminated: ended({
              exitCode: 1,
              message: 'mcp-bridge: no command; say what to run\n',
            }),
          },
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'BridgeFailed',
      message: has('no command; say what to run'),
    },
  ],
  [
    'a container that a bridge was heard from crashes',
    {},
    {
      pods: [
        pod({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: ended({ exitCode: 1 }) },
          restarts: 3,
        }),
      ],
      bridge: report({ stderr: ['x'] }),
    },
    {
      state: 'Failed',
      reason: 'CrashLoop',
      message: has('after 3 restarts'),
      stderr: ['x'],
    },
  ],
  [
    'killed by its probe',
    {},
    {
      pods: [
        pod({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: ended({ exitCode: 143 }) },
          restarts: 1,
        }),
      ],
    },
    { state: 'Failed', reason: 'CrashLoop' },
  ],
  [
    'its health check is not answered',
    {},
    {
      pods: [pod({ state: { running: { startedAt: ago(30) } } })],
      bridge: { error: 'timed out' },
      events: [
        event(
          'Pod',
          'mcp-tools-a-1',
          'Unhealthy',
          'Readiness probe failed: timeout',
        ),
      ],
    },
    {
      state: 'Failed',
      reason: 'ProbeFailing',
      message: has('Readiness probe failed'),
    },
  ],

  // The cluster does not let it
  [
    'no node has room',
    {},
    {
      pods: [
        pod({
          phase: 'Pending',
          noContainer: true,
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message:
                '0/1 nodes are available: 1 Insufficient memory, 1 Insufficient cpu.',
            },
          ],
        }),
      ],
    },
    {
      state: 'Failed',
      reason: 'Unschedulable',
      message: has('0/1 nodes'),
      hint: has('memory and CPU requests'),
    },
  ],
  [
    'no node admits it',
    {},
    {
      pods: [
        pod({
          phase: 'Pending',
          noContainer: true,
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: 'untolerated taint',
            },
          ],
        }),
      ],
    },
    { state: 'Failed', reason: 'Unschedulable', hint: has('operators') },
  ],
  [
    'a quota is used up, as the Deployment says',
    {},
    {
      deployment: deployment({
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            reason: 'FailedCreate',
            message: 'pods "x" is forbidden: exceeded quota: team',
          },
        ],
      }),
    },
    {
      state: 'Failed',
      reason: 'QuotaExceeded',
      message: has('exceeded quota: team'),
    },
  ],
  [
    'a quota is used up, as an event says',
    {},
    {
      events: [
        event(
          'ReplicaSet',
          'mcp-tools-a',
          'FailedCreate',
          'Error creating: exceeded quota: team',
        ),
      ],
    },
    { state: 'Failed', reason: 'QuotaExceeded' },
  ],
  [
    'admission refuses',
    {},
    {
      events: [
        event(
          'ReplicaSet',
          'mcp-tools-a',
          'FailedCreate',
          'Error creating: pods "x" is forbidden: violates PodSecurity',
        ),
      ],
    },
    {
      state: 'Failed',
      reason: 'PodRefused',
      message:
        'The cluster refuses to make the pod: pods "x" is forbidden: violates PodSecurity',
    },
  ],
  [
    'a refusal that is over',
    { operation: 'deploy' },
    {
      events: [
        event(
          'ReplicaSet',
          'mcp-tools-a',
          'SuccessfulCreate',
          'Created pod',
          1,
          'Normal',
        ),
        event(
          'ReplicaSet',
          'mcp-tools-a',
          'FailedCreate',
          'exceeded quota',
          60,
        ),
      ],
    },
    { state: 'Deploying', reason: 'PodsComing' },
  ],
  [
    'a refusal of long ago',
    { operation: 'deploy' },
    {
      events: [
        event(
          'ReplicaSet',
          'mcp-tools-a',
          'FailedCreate',
          'exceeded quota',
          900,
        ),
      ],
    },
    { state: 'Deploying' },
  ],
  [
    'a Secret is missing',
    {},
    {
      pods: [
        waiting(
          'CreateContainerConfigError',
          'secret "mcp-tools--env-3" not found',
        ),
      ],
    },
    {
      state: 'Failed',
      reason: 'SecretMissing',
      message: has('mcp-tools--env-3'),
      hint: has('secret values again'),
    },
  ],
  [
    'a key of a Secret is missing',
    {},
    {
      pods: [
        waiting(
          'CreateContainerConfigError',
          "couldn't find key TOKEN in Secret ns/x",
        ),
      ],
    },
    {
      state: 'Failed',
      reason: 'ConfigurationError',
      message: 'The secret TOKEN has no value.',
    },
  ],
  [
    'another error of configuration',
    {},
    { pods: [waiting('CreateContainerConfigError', 'something else')] },
    { state: 'Failed', reason: 'ConfigurationError' },
  ],
  [
    'a volume does not come',
    {},
    {
      pods: [waiting('ContainerCreating')],
      events: [
        event('Pod', 'mcp-tools-a-1', 'FailedMount', 'configmap "x" not found'),
      ],
    },
    {
      state: 'Failed',
      reason: 'ContainerCreationBlocked',
      message: has('configmap "x" not found'),
    },
  ],
  [
    'evicted, and no new pod yet',
    {},
    {
      pods: [
        pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
      ],
    },
    {
      state: 'Failed',
      reason: 'Evicted',
      message: has('low on memory'),
      pods: { desired: 1, ready: 0, total: 0 },
    },
  ],

  // While an earlier revision serves
  [
    'the next revision does not come up',
    { operation: 'deploy' },
    {
      pods: [
        readyPod({ name: 'old', hash: 'old' }),
        waiting('ErrImagePull', 'not found'),
      ],
      revisions: { old: 1, 'mcp-tools-a-1': 2 },
    },
    {
      state: 'Degraded',
      reason: 'ImagePullFailed',
      servingRevision: 1,
      message: has(
        'Revision 2 does not come up, revision 1 still serves. The image',
      ),
    },
  ],
  [
    'the pods of a restart do not come up',
    { operation: 'restart' },
    {
      pods: [
        readyPod({ name: 'old', hash: 'old' }),
        waiting('ErrImagePull', 'not found'),
      ],
    },
    {
      state: 'Degraded',
      servingRevision: undefined,
      message: has('The new pods do not come up, the old ones still serve.'),
    },
  ],
  [
    'a rollout without progress and without a cause',
    {},
    {
      deployment: deployment({
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      }),
      pods: [readyPod({ name: 'old', hash: 'old' }), pod()],
      revisions: { old: 1 },
    },
    { state: 'Degraded', reason: 'RolloutStuck', servingRevision: 1 },
  ],
  [
    'the same with nothing that serves',
    {},
    {
      deployment: deployment({
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      }),
      pods: [pod()],
    },
    { state: 'Failed', reason: 'RolloutStuck' },
  ],
];

describe('deriveStatus', () => {
  it.each(rows)('%s', (_what, want, scene, expected) => {
    const status = deriveStatus(desired(want), observe(scene), NOW);
    const named = Object.keys(expected) as Array<keyof ServerStatus>;
    expect(Object.fromEntries(named.map(key => [key, status[key]]))).toEqual(
      expected,
    );
    expect(status.version).toBe(77);
  });

  it('names the cause that most pods share', () => {
    const pods = [
      pod({
        name: 'p1',
        state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
      }),
      pod({
        name: 'p2',
        state: {
          waiting: {
            reason: 'CreateContainerConfigError',
            message: 'secret "s" not found',
          },
        },
      }),
      pod({
        name: 'p3',
        state: {
          waiting: {
            reason: 'CreateContainerConfigError',
            message: 'secret "s" not found',
          },
        },
      }),
    ];
    const scene = observe({ pods, deployment: deployment({ replicas: 3 }) });
    expect(deriveStatus(desired({ replicas: 3 }), scene, NOW).reason).toBe(
      'SecretMissing',
    );
  });

  it('has an answer in words for whatever comes together', () => {
    const anyScene = fc.record({
      parts: fc.array(fc.constantFrom(...rows.map(([, , scene]) => scene)), {
        minLength: 1,
        maxLength: 3,
      }),
      want: fc.constantFrom(...rows.map(([, want]) => want)),
    });
    fc.assert(
      fc.property(anyScene, ({ parts, want }) => {
        const pods = parts.flatMap(part => part.pods ?? []);
        const events = parts.flatMap(part => part.events ?? []);
        const scene = observe({ ...Object.assign({}, ...parts), pods, events });
        const status = deriveStatus(desired(want), scene, NOW);
        expect(status.message).toMatch(/\S/);
        expect(status.reason).toMatch(/^[A-Z][A-Za-z]+$/);
        expect(JSON.stringify([status.message, status.hint])).not.toMatch(
          /undefined|NaN|\[object/,
        );
        expect(
          status.hint !== undefined ||
            ['Running', 'Deploying', 'Deleting'].includes(status.state),
        ).toBe(true);
        expect(status.pods.ready).toBeLessThanOrEqual(status.pods.total);
        expect(
          status.state === 'Running' && status.servingRevision !== undefined,
        ).toBe(false);
        expect(deriveStatus(desired(want), scene, NOW)).toEqual(status);
      }),
    );
  });
});
