import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { InputError } from '@backstage/errors';
import {
  FENCE_ANNOTATION,
  REVISION_ANNOTATION,
  type Capabilities,
  type DriftedObject,
  type PreviewWarning,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type {
  BridgeReport,
  Cluster,
  ClusterHealth,
  Clusters,
  KubeObject,
} from '../clusters/types';
import { ServerNamespaces } from '../clusters/ServerNamespaces';
import { LeaseLostError } from '../delivery/LeaseLostError';
import type {
  Delivery,
  DeliveryPreview,
  DriftFinder,
  ObjectKey,
  SecretStore,
} from '../delivery/types';
import type { RenderInput } from '../manifests/types';
import type { BridgeGateway } from '../mcp/types';
import { diffObjects } from '../preview/diffObjects';
import type { DesiredServer, ServerStatusService } from '../status/types';

const bridgeReport: BridgeReport = {
  version: '1',
  draining: false,
  ready: { ok: true },
  sessions: 0,
  lastExits: [],
  stderr: [],
};

/**
 * A cluster in memory, for tests of what stands above it: it remembers what was done to it, in order, and each kind
 * of act can be made to wait or to fail.
 */
export class FakeWorld {
  /** What was done, such as `apply weather r1 x2 fence 1`. */
  readonly acts: string[] = [];
  readonly deployments = new Map<string, V1Deployment>();
  readonly secrets = new Map<string, Record<string, string>>();
  health: ClusterHealth = { state: 'ok', since: new Date(0) };
  /** Overrides what servers show, by name. */
  readonly statuses = new Map<string, Partial<ServerStatus>>();
  /** What others changed, by server id. */
  readonly drift = new Map<string, DriftedObject[]>();
  /** What is there of servers, by id. */
  readonly objects = new Map<string, ObjectKey[]>();
  /** Pods by server id; few tests look at them. */
  readonly pods = new Map<string, V1Pod[]>();
  /** What MCP clients of a pod meet. */
  probe: (pod: string) => Promise<void> = async () => {};
  readonly probed: string[] = [];
  bridgesAnswer = false;
  readonly #writeListeners = new Set<(serverId: string) => void>();
  /** What previews warn of. */
  warnings: PreviewWarning[] = [];
  /** Called before an act takes effect. */
  before: (
    act: 'apply' | 'remove' | 'handshake' | 'put' | 'preview',
    name: string,
  ) => Promise<void> | void = () => {};
  /** Called when an act has taken effect, before anyone hears of it. */
  after: (act: 'apply' | 'remove' | 'handshake') => Promise<void> | void =
    () => {};

  readonly cluster: Cluster = {
    name: 'local',
    title: 'Local',
    namespaces: new ServerNamespaces('mcp'),
    apiHosts: [],
    api: {
      json: ({ method, path }) => this.#endPod(method, path),
      stream: () => Promise.reject(new Error('There is no API server here.')),
    },
    health: () => this.health,
    settledHealth: async () => this.health,
    serverIds: () => [...this.deployments.keys()],
    noteBridge: () => {},
    objects: () => this.objects,
    observe: ({ id }) => ({
      deployment: this.deployments.get(id),
      pods: this.pods.get(id) ?? [],
      events: [],
      bridges: new Map(),
      health: this.health,
      synced: true,
      version: 1,
    }),
  };

  /** What is in a second cluster, when there is one. */
  other?: FakeWorld;

  /** Makes a second cluster, called `other`. What is done there is told among the acts here, with its name. */
  withOther(): FakeWorld {
    const other = new FakeWorld();
    Object.assign(other, { acts: this.acts });
    Object.assign(other.cluster, {
      name: 'other',
      namespaces: new ServerNamespaces('mcp-other'),
    });
    other.before = (...args) => this.before(...args);
    other.after = (...args) => this.after(...args);
    this.other = other;
    return other;
  }

  #at({ name }: { name: string }): FakeWorld {
    return this.other && name === 'other' ? this.other : this;
  }

  get #where(): string {
    return this.cluster.name === 'other' ? ' in other' : '';
  }

  readonly clusters: Clusters = {
    list: () => [this.cluster, ...(this.other ? [this.other.cluster] : [])],
    get: name => {
      const clusters = this.clusters.list();
      const found = clusters.find(cluster => cluster.name === name);
      if (!found) {
        throw new InputError(
          `There is no cluster ${name}. Known clusters: ${clusters
            .map(cluster => cluster.name)
            .join(', ')}.`,
        );
      }
      return found;
    },
    onChange: () => () => {},
    onWrite: listener => {
      this.#writeListeners.add(listener);
      return () => this.#writeListeners.delete(listener);
    },
  };

  /** Changes what is rendered, as a newer backend does. */
  renders = (objects: KubeObject[]) => objects;

  readonly render = async (
    input: RenderInput,
    { namespace }: { namespace: string },
  ): Promise<KubeObject[]> =>
    this.renders([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: {
          name: `mcp-${input.spec.name}`,
          namespace,
          labels: { 'mcp-cloud.io/server': input.id },
          annotations: { [REVISION_ANNOTATION]: String(input.revision) },
          generation: 1,
        },
        spec: { replicas: input.replicas },
      },
    ]);

  readonly delivery: Delivery = {
    apply: async (cluster, objects, inventory, guard, keep) => {
      const world = this.#at(cluster);
      if (world !== this) {
        return world.delivery.apply(cluster, objects, inventory, guard, keep);
      }
      const [object] = objects;
      const name = object.metadata.name.replace('mcp-', '');
      await this.before('apply', name);
      await guard.assertHeld();
      const id = object.metadata.labels!['mcp-cloud.io/server'];
      this.#assertNotFenced(id, guard.fence);
      if (keep) {
        this.drift.delete(id);
      }
      const { replicas } = object.spec as { replicas: number };
      const revision = object.metadata.annotations![REVISION_ANNOTATION];
      this.acts.push(
        `apply ${name} r${revision} x${replicas} fence ${guard.fence}${
          this.#where
        }`,
      );
      this.deployments.set(id, {
        ...(object as V1Deployment),
        metadata: {
          ...object.metadata,
          annotations: {
            ...object.metadata.annotations,
            [FENCE_ANNOTATION]: String(guard.fence),
          },
        },
        status: { observedGeneration: 1 },
      });
      await this.after('apply');
      return [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: cluster.namespace,
          name: object.metadata.name,
        },
      ];
    },
    remove: async (cluster, { id }, inventory, guard, signal) => {
      const world = this.#at(cluster);
      if (world !== this) {
        return world.delivery.remove(cluster, { id }, inventory, guard, signal);
      }
      await this.before('remove', id);
      await guard.assertHeld();
      this.#assertNotFenced(id, guard.fence);
      this.acts.push(
        `remove ${inventory.map(key => key.name).join(' ')}${this.#where}`,
      );
      this.deployments.delete(id);
      return this.after('remove');
    },
  };

  readonly deliveryPreview: DeliveryPreview = {
    apply: async (cluster, objects) => {
      await this.before('preview', '');
      const { deployments } = this.#at(cluster);
      const there = [...deployments.values()] as KubeObject[];
      const live = there.filter(({ metadata }) =>
        objects.some(object => object.metadata.name === metadata.name),
      );
      return { objects: diffObjects(live, objects), warnings: this.warnings };
    },
    remove: async (_cluster, _server, inventory) => ({
      objects: inventory.map(({ kind, name }) => ({
        kind,
        name,
        change: 'removed' as const,
        fields: [],
      })),
      warnings: [],
    }),
  };

  readonly driftFinder: DriftFinder = {
    find: async (_cluster, [object]) =>
      this.drift.get(object.metadata.labels!['mcp-cloud.io/server']) ?? [],
  };

  /** Has the backend hear that somebody wrote an object of a server. */
  written(serverId: string): void {
    this.#writeListeners.forEach(listener => listener(serverId));
  }

  readonly secretStore: SecretStore = {
    put: async (cluster, { name }, version, values) => {
      await this.before('put', name);
      const { secrets } = this.#at(cluster);
      const key = `${name}/${version}`;
      const isNew = !secrets.has(key);
      if (isNew) {
        secrets.set(key, values);
      }
      return isNew;
    },
    remove: async (cluster, { name }, version) => {
      this.#at(cluster).secrets.delete(`${name}/${version}`);
    },
  };

  readonly statusService: ServerStatusService = {
    status: server => this.#status(server),
    pods: () => [],
    events: () => [],
    waitForVersion: async () => {},
    waitFor: async (server, done, { signal, onStatus }) => {
      for (;;) {
        signal.throwIfAborted();
        const status = this.#status(server);
        onStatus?.(status);
        if (done(status)) {
          return status;
        }
        await sleep(10, undefined, { signal }).catch(() => undefined);
      }
    },
  };

  readonly gateway: BridgeGateway = {
    handshake: async (cluster, { name, revision }) => {
      await this.before('handshake', name);
      this.acts.push(`handshake ${name}${this.#at(cluster).#where}`);
      await this.after('handshake');
      return capabilitiesOf(name, revision);
    },
    probe: async (_cluster, _server, pod, signal) => {
      this.probed.push(pod);
      const aborted = once(signal, 'abort').then(() => signal.throwIfAborted());
      await Promise.race([this.probe(pod), aborted]);
    },
    report: async () => {
      if (!this.bridgesAnswer) {
        throw new Error('There is no bridge here.');
      }
      return bridgeReport;
    },
    usage: () => Promise.reject(new Error('There is no bridge here.')),
    proxy: async (_cluster, server, caller, req, res) => {
      const body: Buffer[] = [];
      for await (const chunk of req) {
        body.push(chunk as Buffer);
      }
      res.json({
        server: server.id,
        subject: caller.subject,
        body: Buffer.concat(body).toString('utf8'),
      });
    },
    close: () => {},
  };

  async #endPod<T>(method: string, path: string): Promise<T> {
    const name = /\/pods\/([^/]+)$/.exec(path)?.[1];
    if (method !== 'DELETE' || !name) {
      throw new Error('There is no API server here.');
    }
    this.acts.push(`end ${name}`);
    for (const [id, pods] of this.pods) {
      const rest = pods.filter(({ metadata }) => metadata?.name !== name);
      this.pods.set(id, rest);
    }
    return {} as T;
  }

  #status(server: DesiredServer): ServerStatus {
    const world = this.#at({ name: server.cluster });
    const deployment = world.deployments.get(server.id);
    const stopped = server.runState === 'stopped';
    const replicas = deployment?.spec?.replicas ?? 0;
    const settled = stopped ? replicas === 0 : replicas === server.replicas;
    const goal = stopped ? 'Stopped' : 'Running';
    const state = settled ? goal : 'Deploying';
    return {
      state,
      reason: state,
      message: `It is ${state}.`,
      pods: {
        desired: stopped ? 0 : server.replicas,
        ready: replicas,
        total: replicas,
      },
      version: 1,
      ...world.statuses.get(server.name),
    };
  }

  #assertNotFenced(id: string, fence: number): void {
    const found = Number(
      this.deployments.get(id)?.metadata?.annotations?.[FENCE_ANNOTATION] ?? 0,
    );
    if (found > fence) {
      throw new LeaseLostError('Written by a newer run.', found);
    }
  }
}

function capabilitiesOf(name: string, revision: number): Capabilities {
  return {
    protocolVersion: '2025-11-25',
    serverInfo: { name, version: '1.0.0' },
    tools: [{ name: 'echo' }],
    prompts: [],
    resources: [],
    listedAt: '2026-11-02T00:00:00.000Z',
    revision,
  };
}
