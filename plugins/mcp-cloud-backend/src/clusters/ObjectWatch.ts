import type { LoggerService } from '@backstage/backend-plugin-api';
import { MANAGED_BY } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ObjectKey } from '../delivery/types';
import { ObjectIndex } from './ObjectIndex';
import { Reflector, type ReflectorTiming } from './Reflector';
import { collectionPath } from './resourcePath';
import type { ServerNamespaces } from './ServerNamespaces';
import type { KubeApi, KubeObject } from './types';

/** Never listed across namespaces, where they are other people's. */
const NOT_ACROSS = 'ConfigMap';

/** The kinds that we write, Secrets aside: those are never listed. */
const KINDS = [
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['v1', 'ServiceAccount'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget'],
];

/**
 * Watches the metadata of what we wrote to a cluster, to hear when somebody else writes it. Status does not depend on
 * it: an account that may not do this makes drift show later, and nothing else.
 */
export class ObjectWatch {
  readonly #index: ObjectIndex;
  readonly #reflectors: Array<Reflector<KubeObject>>;

  constructor(options: {
    api: KubeApi;
    namespaces: ServerNamespaces;
    logger: LoggerService;
    onWrite: (serverId: string) => void;
    timing?: ReflectorTiming;
  }) {
    const { api, namespaces, logger, timing } = options;
    this.#index = new ObjectIndex(options.onWrite);
    this.#reflectors = KINDS.filter(
      ([, kind]) => namespaces.watched !== undefined || kind !== NOT_ACROSS,
    ).map(
      ([apiVersion, kind]) =>
        new Reflector<KubeObject>({
          api,
          path: collectionPath(apiVersion, kind, namespaces.watched),
          apiVersion,
          kind,
          labelSelector: `app.kubernetes.io/managed-by=${MANAGED_BY}`,
          metadataOnly: true,
          only: ({ metadata }) => namespaces.has(metadata.namespace),
          sink: this.#index.sink({ kind }),
          logger,
          timing,
        }),
    );
  }

  start(): void {
    this.#reflectors.forEach(reflector => reflector.start());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map(reflector => reflector.stop()));
  }

  /** For use when the API server was away. */
  refresh(): void {
    this.#reflectors.forEach(reflector => reflector.refresh());
  }

  /** Of each server id the objects that are there; `undefined` until all kinds have been listed. */
  byServer(): Map<string, ObjectKey[]> | undefined {
    return this.#reflectors.every(reflector => reflector.state().synced)
      ? this.#index.byServer()
      : undefined;
  }
}
