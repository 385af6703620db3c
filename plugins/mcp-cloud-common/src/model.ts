import type { ServerSpec } from './spec';

/** All times in answers are ISO 8601 strings in UTC. */
export type Timestamp = string;

/** What the cluster shows of a server, in one word. */
export type ServerState =
  | 'Stopped'
  | 'Deploying'
  | 'Running'
  | 'Degraded'
  | 'Failed'
  | 'Deleting'
  | 'Unknown';

/** A server's status: always a word, a reason and, where something is to be done, a hint. */
export interface ServerStatus {
  state: ServerState;
  /** Machine-readable cause in CamelCase, such as `ImagePullFailed`. */
  reason: string;
  /** One sentence for people: what is so. */
  message: string;
  /** One sentence for people: what to do. Missing where nothing is to be done. */
  hint?: string;
  pods: { desired: number; ready: number; total: number };
  /** Last lines that the server wrote to stderr, when it fails. */
  stderr?: string[];
  /** The revision whose pods serve, when it is not the newest. */
  servingRevision?: number;
  /** Grows with each change seen in the cluster; comparable between backend replicas. */
  version: number;
}

export type RunState = 'running' | 'stopped';

/** A server as lists show it. */
export interface Server {
  /** Immutable; the audience of its tokens. A name may be used anew, an id never. */
  id: string;
  name: string;
  application: string;
  environment: string;
  owner: string;
  system?: string;
  cluster: string;
  namespace: string;
  image: string;
  runState: RunState;
  replicas: number;
  /** Number of the newest revision. */
  revision: number;
  /** Opaque; goes into `If-Match` of a `PUT`. */
  etag: string;
  catalogRef?: string;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  /** When one of its tools was last called; missing when none ever was. */
  lastCallAt?: Timestamp;
  status: ServerStatus;
  /** The running operation, or else the last one. */
  operation?: Operation;
  /** What the signed-in person may do with it. */
  allowed: ServerAction[];
}

/** Things that a person may be allowed to do with a server; the last parts of the permissions' names. */
export type ServerAction =
  | 'read'
  | 'update'
  | 'delete'
  | 'operate'
  | 'logs'
  | 'secrets'
  | 'call';

/** A server with its Spec. */
export interface ServerDetail extends Server {
  spec: ServerSpec;
  /** Who wrote the newest revision, when, and what they said of it. */
  revisionInfo: { author: string; createdAt: Timestamp; message?: string };
  endpoints: ServerEndpoints;
  capabilities?: Capabilities;
}

/** Addresses under which clients reach a server. */
export interface ServerEndpoints {
  /** Through the portal: Streamable HTTP, for anyone with a Backstage token or a server token. */
  portal: string;
  /** Inside the cluster: the Service's address, for clients with a server token. */
  service: string;
}

/** What a server said of itself in its last handshake. */
export interface Capabilities {
  protocolVersion: string;
  serverInfo: { name: string; version: string; title?: string };
  instructions?: string;
  tools: Array<{ name: string; title?: string; description?: string }>;
  prompts: Array<{ name: string; title?: string; description?: string }>;
  resources: Array<{
    uri: string;
    name: string;
    title?: string;
    description?: string;
  }>;
  /** When they were listed, and of which revision. */
  listedAt: Timestamp;
  revision: number;
}

/** `rotate` gives the bridges new keys and voids tokens; it never restarts a pod and is no cause for another status.
 * `repair` undoes what others changed in the cluster; `recover` replaces pods that run and answer MCP clients nothing. `move`
 * takes a server to another cluster; one without `cluster` removes what is left of it where it ran before. */
export type OperationKind =
  | 'deploy'
  | 'rollback'
  | 'scale'
  | 'stop'
  | 'start'
  | 'restart'
  | 'delete'
  | 'rotate'
  | 'repair'
  | 'recover'
  | 'move';
/** `cancelled`: ended by a person, or because a later operation took its place; `error` says which. */
export type OperationState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled';
export type StepState = 'pending' | 'running' | 'succeeded' | 'failed';

/** One step of an operation. Names are stable: accepted, secrets, apply, end, pods, handshake, switch, remove. */
export interface OperationStep {
  name: string;
  state: StepState;
  /** What is going on now, in words, such as `image pulling (12 s)`. */
  message?: string;
  startedAt?: Timestamp;
  finishedAt?: Timestamp;
}

/** Why an operation did not get to its end, and what was to be seen of its pods then. */
export interface OperationFailure {
  reason: string;
  message: string;
  hint?: string;
  /** Last lines that the server wrote to stderr. */
  stderr?: string[];
  /** The newest warnings about the server's objects. */
  events?: EventView[];
}

/** Durable record of one change to a server. */
export interface Operation {
  id: string;
  serverId: string;
  serverName: string;
  kind: OperationKind;
  state: OperationState;
  /** Entity reference of who asked for it. */
  principal: string;
  /** Why the platform began it by itself, in words. */
  cause?: string;
  /** The revision that is deployed, or made by a rollback or a move, or the replicas that are asked for. */
  revision?: number;
  replicas?: number;
  /** The cluster that a server moves to. */
  cluster?: string;
  steps: OperationStep[];
  /** Why it failed or was cancelled, in the words of status. */
  error?: OperationFailure;
  createdAt: Timestamp;
  startedAt?: Timestamp;
  finishedAt?: Timestamp;
}

/** Whether an operation has come to its end, whichever. */
export function isFinished({ state }: Pick<Operation, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

/** One container of a pod. */
export interface ContainerView {
  name: string;
  image: string;
  ready: boolean;
  restarts: number;
  state: 'waiting' | 'running' | 'terminated';
  reason?: string;
  message?: string;
  exitCode?: number;
  lastTermination?: {
    reason: string;
    exitCode: number;
    at: Timestamp;
    message?: string;
  };
}

/** One pod of a server. */
export interface PodView {
  name: string;
  uid: string;
  /** In one or two words: Running, Pending, Terminating, CrashLoopBackOff, ImagePullBackOff, … */
  state: string;
  ready: boolean;
  restarts: number;
  createdAt: Timestamp;
  node?: string;
  ip?: string;
  revision?: number;
  containers: ContainerView[];
  /** Latest sample; missing until the first one is there. */
  cpuMillicores?: number;
  memoryBytes?: number;
  memoryLimitBytes?: number;
}

/** A Kubernetes event about one of a server's objects. */
export interface EventView {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  lastAt: Timestamp;
  object: { kind: string; name: string };
}

/** CPU and memory of all pods of a server together, oldest first. */
export interface MetricsView {
  /** Seconds between two samples. */
  stepSeconds: number;
  samples: Array<{
    at: Timestamp;
    cpuMillicores: number;
    memoryBytes: number;
    pods: number;
  }>;
  /** Sums over the pods' limits, where all have one. */
  limits: { cpuMillicores?: number; memoryBytes?: number };
  /** Set when the cluster serves no metrics: why. */
  unavailable?: string;
}

/** A cluster that servers can run on. */
export interface ClusterView {
  name: string;
  title: string;
  /** That all servers share. */
  namespace?: string;
  /** What the names of owners' namespaces begin with, where each owner has one. */
  namespacePrefix?: string;
  state: 'ok' | 'unreachable';
  /** Why it is unreachable, in words. */
  reason?: string;
  since: Timestamp;
  version?: string;
}

/** A page of servers. */
export interface ServerList {
  items: Server[];
  total: number;
  nextCursor?: string;
  /** Servers by state over the whole filtered list, not just this page. */
  counts: Partial<Record<ServerState, number>>;
}

/** A token for MCP clients. Shown once, kept nowhere. */
export interface ServerToken {
  token: string;
  expiresAt: Timestamp;
}

/** A key of a server with `auth: keys`, without the key itself. */
export interface ServerKey {
  id: string;
  /** For people: who or what uses it. */
  name: string;
  /** What its bearer may do, for the Spec's rules of tools. */
  scopes: string[];
  createdAt: Timestamp;
  createdBy: string;
}

/** A key as it is made. Shown once: only its hash is kept. */
export interface NewServerKey extends ServerKey {
  /** To be sent as `Authorization: Bearer`. */
  key: string;
  /** Tells the bridges of it; the key opens the server when this has succeeded. */
  operation: Operation;
}

/** One line of a log. */
export interface LogLine {
  pod: string;
  at?: Timestamp;
  text: string;
}
