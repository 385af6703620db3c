import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { KubeObject } from '../world/Kube.ts';
import type { World } from '../world/World.ts';

/** Where pods go that nobody runs. */
export const NOWHERE = 'drill-nowhere';
const LABEL = 'mcp-cloud.io/drill';
const BRIDGE = 'drill-scale-bridge';
const HEARTBEAT_MS = 10_000;

/** Answers what a bridge would that nobody has called. */
const bridgeProgram = `
import { createServer } from 'node:http';
const usage = JSON.stringify({ bootId: 'drill', usage: [] });
const status = JSON.stringify({ version: 'drill', draining: false, ready: { ok: true }, sessions: 0, lastExits: [], stderr: [] });
createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(request.url === '/usage' ? usage : status);
}).listen(9090);
`;

/** What a Spec says to have its pods here. */
export const placement = {
  nodeSelector: { [LABEL]: NOWHERE },
  tolerations: [{ key: LABEL, operator: 'Exists' }],
};

interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    containers: Array<{ name: string; image: string }>;
  };
}

const heartbeat = ({ kube }: World) => {
  const now = new Date().toISOString();
  const resources = { cpu: '100k', memory: '1000Ti', pods: '100k' };
  return kube.merge(`/api/v1/nodes/${NOWHERE}/status`, {
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Drill',
          message: 'nobody is here',
          lastHeartbeatTime: now,
        },
      ],
    },
  });
};

async function startBridge(world: World): Promise<string> {
  const { kube, images } = world;
  await kube.request('DELETE', `${kube.in('api/v1/pods')}/${BRIDGE}`, {
    gracePeriodSeconds: 0,
  });
  await until(
    'no pod from before',
    async () => !(await kube.find('api/v1/pods', BRIDGE)),
    { seconds: 30 },
  );
  await kube.create('api/v1/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: BRIDGE },
    spec: {
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'bridge',
          image: images.hello.ref,
          command: ['node', '--input-type=module', '-e', bridgeProgram],
          readinessProbe: { httpGet: { port: 9090 }, periodSeconds: 1 },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  });
  return until(
    'the one who answers for all bridges',
    async () => {
      const pod = await kube.find('api/v1/pods', BRIDGE);
      const { podIP, conditions } = (pod?.status ?? {}) as {
        podIP?: string;
        conditions?: Array<{ type: string; status: string }>;
      };
      const ready = conditions?.some(
        ({ type, status }) => type === 'Ready' && status === 'True',
      );
      return ready && podIP;
    },
    { seconds: 90 },
  );
}

function runs(
  { kube }: World,
  { metadata, spec }: Pod,
  address: string,
  ready: boolean,
): Promise<KubeObject> {
  const now = new Date().toISOString();
  const status = ready ? 'True' : 'False';
  const condition = (type: string, is: string) => ({
    type,
    status: is,
    lastTransitionTime: now,
  });
  return kube.merge(`${kube.in('api/v1/pods')}/${metadata.name}/status`, {
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: now,
      conditions: [
        condition('PodScheduled', 'True'),
        condition('Initialized', 'True'),
        condition('ContainersReady', status),
        condition('Ready', status),
      ],
      containerStatuses: spec.containers.map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        containerID: `containerd://${metadata.uid}`,
        ready,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: now } },
      })),
    },
  });
}

/** Does as a kubelet would: a new pod runs, one that is to go goes. */
async function play(world: World, pod: Pod, address: string): Promise<void> {
  const { kube } = world;
  if (pod.metadata.deletionTimestamp) {
    await kube.deletePod(pod.metadata.name, 0);
  } else if (pod.status?.phase === 'Pending') {
    await runs(world, pod, address, true);
  }
}

/**
 * A node that there is not. Pods are scheduled to it as to any other, and are said to run; one process answers for the
 * bridges of all of them. So a cluster can have thousands of pods that cost it no more than their objects.
 */
export class StandIn {
  readonly #world: World;
  readonly #timer: NodeJS.Timeout;
  readonly #stopWatching: () => void;
  #address = '';

  private constructor(
    world: World,
    parts: { timer: NodeJS.Timeout; stopWatching: () => void },
  ) {
    this.#world = world;
    this.#timer = parts.timer;
    this.#stopWatching = parts.stopWatching;
  }

  static async start(world: World): Promise<StandIn> {
    const { kube } = world;
    await kube.request('DELETE', `/api/v1/nodes/${NOWHERE}`);
    await kube.json('POST', '/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: NOWHERE, labels: { [LABEL]: NOWHERE } },
      spec: { taints: [{ key: LABEL, effect: 'NoSchedule' }] },
    });
    const beat = () => heartbeat(world).catch(() => {});
    await heartbeat(world);
    const address = await startBridge(world);
    const stopWatching = await kube.watch('api/v1/pods', (type, pod) => {
      if ((pod as Pod).spec.nodeName === NOWHERE && type !== 'DELETED') {
        play(world, pod as Pod, address).catch(() => {}); // it has changed since, and is heard of again
      }
    });
    const made = new StandIn(world, {
      timer: setInterval(beat, HEARTBEAT_MS),
      stopWatching,
    });
    made.#address = address;
    return made;
  }

  /** Has a pod be ready, or not. */
  setReady(pod: KubeObject, ready: boolean): Promise<KubeObject> {
    return runs(this.#world, pod as Pod, this.#address, ready);
  }

  /** What was placed here goes with it. */
  async stop(): Promise<void> {
    const { kube } = this.#world;
    this.#stopWatching();
    clearInterval(this.#timer);
    await kube.json(
      'DELETE',
      `${kube.in('api/v1/pods')}?fieldSelector=spec.nodeName%3D${NOWHERE}`,
      { gracePeriodSeconds: 0 },
    );
    await kube.deletePod(BRIDGE, 0);
    await kube.request('DELETE', `/api/v1/nodes/${NOWHERE}`);
  }
}
