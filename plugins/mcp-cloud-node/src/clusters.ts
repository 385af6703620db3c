import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { KubeConfig } from '@kubernetes/client-node';

/** A cluster that servers can run on, with the credentials of the backend's own narrow account. */
export interface ClusterDefinition {
  /** Unique; the name that the Kubernetes plugin also uses. */
  name: string;
  /** For people; by default the name. */
  title?: string;
  /** Namespace that servers live in. */
  namespace: string;
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
