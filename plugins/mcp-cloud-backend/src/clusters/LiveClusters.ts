import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { ClusterDefinition } from '@mcp-cloud/plugin-mcp-cloud-node';
import { HttpKubeApi } from './HttpKubeApi';
import { LiveCluster, type LiveClusterOptions } from './LiveCluster';
import { ServerNamespaces } from './ServerNamespaces';
import type { Cluster, Clusters } from './types';

type Listener = (cluster: string, changed: ReadonlySet<string> | 'all') => void;

/** All clusters, watched from `start()` to `stop()`. Two clusters of one name are an error. */
export class LiveClusters implements Clusters {
  readonly #logger: LoggerService;
  readonly #clusters = new Map<string, LiveCluster>();
  readonly #apis: HttpKubeApi[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #writeListeners = new Set<(serverId: string) => void>();

  constructor(options: {
    definitions: ClusterDefinition[];
    logger: LoggerService;
    timing?: LiveClusterOptions['timing'];
  }) {
    this.#logger = options.logger;
    for (const definition of options.definitions) {
      if (this.#clusters.has(definition.name)) {
        throw new Error(
          `Two clusters are called ${definition.name}. Give each a name of its own.`,
        );
      }
      const api = new HttpKubeApi(definition.kubeConfig);
      this.#apis.push(api);
      this.#clusters.set(
        definition.name,
        new LiveCluster({
          name: definition.name,
          title: definition.title ?? definition.name,
          namespaces: new ServerNamespaces(
            definition.namespace,
            definition.ownerNamespaces,
          ),
          api,
          apiHosts: [api.host],
          logger: options.logger,
          onChange: changed => this.#tell(definition.name, changed),
          onWrite: serverId =>
            this.#writeListeners.forEach(listener => listener(serverId)),
          timing: options.timing,
        }),
      );
    }
  }

  start(): void {
    for (const cluster of this.#clusters.values()) {
      cluster.start();
    }
  }

  /** Ends all watches and closes connections. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#clusters.values()].map(cluster => cluster.stop()),
    );
    this.#apis.forEach(api => api.close());
  }

  list(): Cluster[] {
    return [...this.#clusters.values()];
  }

  get(name: string): Cluster {
    const cluster = this.#clusters.get(name);
    if (!cluster) {
      const known = [...this.#clusters.keys()];
      throw new InputError(
        known.length
          ? `There is no cluster ${name}. Known clusters: ${known.join(', ')}.`
          : `There is no cluster ${name}: none is configured (mcpCloud.clusters).`,
      );
    }
    return cluster;
  }

  onChange(listener: Listener): () => void {
    // Wrapped, so that one function registered twice is two registrations.
    const own: Listener = (...args) => listener(...args);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  onWrite(listener: (serverId: string) => void): () => void {
    const own = (serverId: string) => listener(serverId);
    this.#writeListeners.add(own);
    return () => this.#writeListeners.delete(own);
  }

  #tell(cluster: string, changed: ReadonlySet<string> | 'all'): void {
    for (const listener of this.#listeners) {
      try {
        listener(cluster, changed);
      } catch (error) {
        this.#logger.error(
          'A listener of cluster changes failed',
          error as Error,
        );
      }
    }
  }
}
