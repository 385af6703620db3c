import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  CoreV1Event,
  V1Deployment,
  V1ObjectMeta,
  V1Pod,
} from '@kubernetes/client-node';
import type { ObjectKey } from '../delivery/types';
import type { ServerNamespaces } from './ServerNamespaces';

/** Any Kubernetes object, as the API server takes and gives it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: V1ObjectMeta & { name: string };
  [field: string]: unknown;
}

/** One request to an API server. */
export interface KubeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Absolute path, each segment already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string | string[] | undefined>;
  /** Sent as JSON, or as it is when it is a stream. */
  body?: unknown | Readable;
  contentType?: string;
  signal?: AbortSignal;
  /** Until the answer's headers are there; 5,000 by default. */
  headersTimeoutMs?: number;
}

/** An API server, spoken to with the backend's own account. */
export interface KubeApi {
  /** The parsed answer; throws `KubeApiError` for any status of 400 or more, and when the server is not reached. */
  json<T>(request: KubeRequest): Promise<T>;
  /** The answer as it comes, whatever its status. Throws `KubeApiError` when the server is not reached. */
  stream(request: KubeRequest): Promise<IncomingMessage>;
}

/** Whether a cluster answers. */
export interface ClusterHealth {
  state: 'ok' | 'unreachable';
  /** Why it is unreachable, in words. */
  reason?: string;
  since: Date;
  version?: string;
}

/** What a bridge says at `/status`; the contract is packages/bridge's. */
export interface BridgeReport {
  version: string;
  configHash?: string;
  draining: boolean;
  ready: { ok: boolean; reason?: string; checkedAt?: string };
  sessions: number;
  lastExits: Array<{
    at: string;
    code: number | null;
    signal: string | null;
    stderr: string[];
  }>;
  stderr: string[];
}

/**
 * What was heard from the bridge of one pod, or why nothing was. `nothingListens` tells a pod in which no process
 * holds the bridge's port from a bridge that answered with an error.
 */
export type BridgeObservation = { at: Date } & (
  | { report: BridgeReport }
  | { error: string; nothingListens?: boolean }
);

/** What the cluster shows of one server; everything that `deriveStatus` needs besides what is desired. */
export interface ObservedServer {
  deployment?: V1Deployment;
  pods: V1Pod[];
  /** Newest first. */
  events: CoreV1Event[];
  /** By pod name; only pods that run and are not ready are asked. */
  bridges: ReadonlyMap<string, BridgeObservation>;
  /** By pod name: the revision that its ReplicaSet was last rendered from. Missing where that is not known. */
  podRevisions?: ReadonlyMap<string, number>;
  health: ClusterHealth;
  /** Whether the first LIST of every kind is through; before that nothing can be said. */
  synced: boolean;
  /** Highest resourceVersion seen among the server's objects, deleted ones included. */
  version: number;
}

/** A cluster with its live picture, of all namespaces that servers live in. */
export interface Cluster {
  readonly name: string;
  readonly title: string;
  readonly namespaces: ServerNamespaces;
  readonly api: KubeApi;
  /** Host names under which the API server is reached (a bridge behind its proxy sees them as `Host`). */
  readonly apiHosts: string[];
  health(): ClusterHealth;
  /** The same, but in the first seconds of the backend's life it waits for the cluster's first answer (5 s at most). */
  settledHealth(): Promise<ClusterHealth>;
  /** `name` finds the events of the server's objects, which carry no label. */
  observe(server: { id: string; name: string }): ObservedServer;
  /** Ids of all servers that have objects here. */
  serverIds(): string[];
  /** Our objects by server id, Secrets aside; `undefined` until all kinds have been listed. */
  objects(): ReadonlyMap<string, ObjectKey[]> | undefined;
  /** Keeps what a bridge said beside its pod, until the pod goes; listeners of changes hear of it when it is news. */
  noteBridge(
    serverId: string,
    podName: string,
    observation: BridgeObservation,
  ): void;
}

/** A cluster as one server sees it: see `inNamespace`. */
export interface ClusterConnection extends Cluster {
  readonly namespace: string;
}

/** All clusters. */
export interface Clusters {
  list(): Cluster[];
  /** Throws `InputError` that names the known ones when there is none of this name. */
  get(name: string): Cluster;
  /**
   * Calls back with the ids of servers whose picture changed, or with `'all'` when a whole cluster's did (it went
   * away or came back). Returns a function that ends it.
   */
  onChange(
    listener: (cluster: string, changed: ReadonlySet<string> | 'all') => void,
  ): () => void;
  /** Calls back with a server's id when one of its objects was written or removed, by whomever; status does not count. */
  onWrite(listener: (serverId: string) => void): () => void;
}
