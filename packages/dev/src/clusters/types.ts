/** A cluster as the portal uses it. */
export interface UsedCluster {
  kind: 'given' | 'kind' | 'embedded';
  /** Name under which the portal shows it. */
  name: string;
  title: string;
  /** An administrator's credentials, used to prepare the cluster and for nothing else. */
  kubeconfig: string;
  /** The context to use; without it the file's own current one. */
  context?: string;
  /** Where images are pushed to, as the cluster also knows it. */
  registry?: string;
  /** Where exposed servers answer, for hosts below `dev.localhost`, when the cluster can have what leads to them. */
  ingress?: { http: string; https: string };
  /** Whether a start of ours started it, so that a stop of ours stops it. */
  startedByUs: boolean;
}

/** What people said about the cluster. */
export interface ClusterWish {
  /** Name of this portal, and of a cluster that is made for it. */
  name: string;
  kubeconfig?: string;
  context?: string;
  registry?: string;
}

/** Is told how to stop a cluster, right before one is started. What is broken off half-way is to be stopped too. */
export type BeforeStart = (stop: () => Promise<void>) => void;
