import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { KubeConfig } from '@kubernetes/client-node';

/** How the namespaces of owners are called and made. */
export interface OwnerNamespaces {
  /** What their names begin with, and no other namespace's name. */
  prefix: string;
  /** The ClusterRole that the backend binds itself to in each of them. */
  clusterRole: string;
  /** `spec.hard` of each one's ResourceQuota. */
  quota: Record<string, string>;
  /** What each one's LimitRange says of containers. */
  limitRange: Partial<
    Record<'default' | 'defaultRequest' | 'min' | 'max', Record<string, string>>
  >;
  /** Whether a NetworkPolicy forbids everything that no other one allows. */
  defaultDeny: boolean;
}

/** A cluster that servers can run on, with the credentials of the backend's own narrow account. */
export interface ClusterDefinition {
  /** Unique; the name that the Kubernetes plugin also uses. */
  name: string;
  /** For people; by default the name. */
  title?: string;
  /** Namespace that servers live in; with `ownerNamespaces` only those that were made before there were such. */
  namespace: string;
  /** With this, servers of each owner live in a namespace of their own, which the backend makes. */
  ownerNamespaces?: OwnerNamespaces;
  /** Where the API server is and how to sign in there; its current context counts. */
  kubeConfig: KubeConfig;
}

/** Says which clusters there are. Asked once, when the backend starts. */
export interface ClusterProvider {
  getClusters(): Promise<ClusterDefinition[]>;
}

/** Lets a module bring clusters of its own, beside those of `mcpCloud.clusters`. */
export interface ClusterProviderExtensionPoint {
  addClusterProvider(provider: ClusterProvider): void;
}

/** See {@link ClusterProviderExtensionPoint}. */
export const clusterProviderExtensionPoint =
  createExtensionPoint<ClusterProviderExtensionPoint>({
    id: 'mcp-cloud.cluster-provider',
  });
