import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  CoreV1Event,
  V1Deployment,
  V1Pod,
  V1ReplicaSet,
} from '@kubernetes/client-node';
import { MANAGED_BY } from '@mcp-cloud/plugin-mcp-cloud-common';
import { HealthProbe } from './HealthProbe';
import { ObjectWatch } from './ObjectWatch';
import { Projection } from './Projection';
import {
  Reflector,
  type ReflectorSink,
  type ReflectorTiming,
} from './Reflector';
import { collectionPath } from './resourcePath';
import type { ServerNamespaces } from './ServerNamespaces';
import type {
  BridgeObservation,
  Cluster,
  ClusterHealth,
  KubeApi,
  KubeObject,
  ObservedServer,
} from './types';

/** Changes are told at most this often, so that a relist of thousands of objects is one change. */
const COALESCE_MS = 20;

/** Everything that {@link LiveCluster} needs. */
export interface LiveClusterOptions {
  name: string;
  title: string;
  namespaces: ServerNamespaces;
  api: KubeApi;
  apiHosts: string[];
  logger: LoggerService;
  onChange: (changed: ReadonlySet<string> | 'all') => void;
  onWrite: (serverId: string) => void;
  /** Shorter times for tests. */
  timing?: ReflectorTiming & {
    probePeriodMs?: number;
    probeTimeoutMs?: number;
  };
}

/** One cluster with its reflectors, its probe and the picture that they keep. */
export class LiveCluster implements Cluster {
  readonly name: string;
  readonly title: string;
  readonly namespaces: ServerNamespaces;
  readonly api: KubeApi;
  readonly apiHosts: string[];
  readonly #logger: LoggerService;
  readonly #onChange: (changed: ReadonlySet<string> | 'all') => void;
  readonly #projection: Projection;
  readonly #reflectors: Array<Reflector<KubeObject>>;
  readonly #objects: ObjectWatch;
  readonly #probe: HealthProbe;
  #changed: Set<string> | 'all' = new Set();
  #timer?: NodeJS.Timeout;
  #sawOutage = false;

  constructor(options: LiveClusterOptions) {
    this.name = options.name;
    this.title = options.title;
    this.namespaces = options.namespaces;
    this.api = options.api;
    this.apiHosts = options.apiHosts;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
    this.#projection = new Projection(id => this.#note(id));
    const ours = `app.kubernetes.io/managed-by=${MANAGED_BY}`;
    this.#reflectors = [
      this.#reflector<V1Deployment>(
        'apps/v1',
        'Deployment',
        this.#projection.deployments,
        options,
        ours,
      ),
      this.#reflector<V1ReplicaSet>(
        'apps/v1',
        'ReplicaSet',
        this.#projection.replicaSets,
        options,
        ours,
      ),
      this.#reflector<V1Pod>('v1', 'Pod', this.#projection.pods, options, ours),
      this.#reflector<CoreV1Event>(
        'v1',
        'Event',
        this.#projection.events,
        options,
      ),
    ];
    this.#objects = new ObjectWatch({
      ...options,
      logger: options.logger.child({ cluster: options.name }),
    });
    this.#probe = new HealthProbe({
      api: options.api,
      onChange: health => this.#onHealth(health),
      timing: {
        periodMs: options.timing?.probePeriodMs,
        timeoutMs: options.timing?.probeTimeoutMs,
      },
    });
  }

  start(): void {
    this.#probe.start();
    this.#reflectors.forEach(reflector => reflector.start());
    this.#objects.start();
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.#probe.stop(),
      this.#objects.stop(),
      ...this.#reflectors.map(reflector => reflector.stop()),
    ]);
    clearTimeout(this.#timer);
  }

  health(): ClusterHealth {
    const health = this.#probe.health();
    if (health.state === 'unreachable') {
      return health;
    }
    // An API server that is up but refuses to show our objects is of no more use than one that is down.
    const refused = this.#reflectors
      .map(reflector => reflector.state().failure)
      .find(error => error?.status === 403);
    return refused
      ? { ...health, state: 'unreachable', reason: refused.message }
      : health;
  }

  async settledHealth(): Promise<ClusterHealth> {
    await this.#probe.settled();
    return this.health();
  }

  observe(server: { id: string; name: string }): ObservedServer {
    return {
      ...this.#projection.observe(server),
      health: this.health(),
      synced: this.#reflectors.every(reflector => reflector.state().synced),
    };
  }

  serverIds(): string[] {
    return this.#projection.serverIds();
  }

  objects(): ReturnType<ObjectWatch['byServer']> {
    return this.#objects.byServer();
  }

  noteBridge(
    serverId: string,
    podName: string,
    observation: BridgeObservation,
  ): void {
    this.#projection.noteBridge(serverId, podName, observation);
  }

  #reflector<T extends { metadata?: unknown }>(
    apiVersion: string,
    kind: string,
    sink: ReflectorSink<T>,
    options: LiveClusterOptions,
    labelSelector?: string,
  ): Reflector<KubeObject> {
    return new Reflector<KubeObject>({
      api: options.api,
      path: collectionPath(apiVersion, kind, options.namespaces.watched),
      apiVersion,
      kind,
      labelSelector,
      only: ({ metadata }) => options.namespaces.has(metadata.namespace),
      // The address decides the kind: what it lists has the shape that the sink's type says.
      sink: sink as unknown as ReflectorSink<KubeObject>,
      logger: options.logger.child({ cluster: options.name }),
      onState: ({ failure }) => {
        if (failure?.unreachable) {
          this.#probe.hurry();
        }
        this.#note('all');
      },
      timing: options.timing,
    });
  }

  #onHealth(health: ClusterHealth): void {
    if (health.state === 'ok') {
      this.#logger.info(
        `Cluster ${this.name} answers (${
          health.version ?? 'version not known'
        })`,
      );
      if (this.#sawOutage) {
        this.#sawOutage = false;
        this.#reflectors.forEach(reflector => reflector.refresh());
        this.#objects.refresh();
      }
    } else {
      this.#sawOutage = true;
      this.#logger.warn(
        `Cluster ${this.name} is unreachable: ${health.reason}`,
      );
    }
    this.#note('all');
  }

  #note(id: string | 'all'): void {
    if (id === 'all') {
      this.#changed = 'all';
    } else if (this.#changed !== 'all') {
      this.#changed.add(id);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Until all is in sync nothing of a server is known: what changes meanwhile is told once, with the last of it.
      if (!this.#isSettled()) {
        return;
      }
      const changed = this.#changed;
      this.#changed = new Set();
      this.#onChange(changed);
    }, COALESCE_MS);
  }

  #isSettled(): boolean {
    return (
      this.#sawOutage ||
      this.#reflectors
        .map(reflector => reflector.state())
        .every(({ synced, failure }) => synced || failure)
    );
  }
}
