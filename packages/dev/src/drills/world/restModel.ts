// As much of the REST interface's answers as the drills look at. Written down here once more on purpose: drills see
// the portal as any client does, and share no code with it.

export interface Spec {
  name: string;
  owner: string;
  cluster: string;
  image: string;
  command?: string[];
  env?: Record<string, string>;
  secrets?: string[];
  handshake?: 'full' | 'bridge-only';
  placement?: object;
}

export interface Operation {
  id: string;
  serverId: string;
  serverName: string;
  kind: string;
  state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  steps: Array<{
    name: string;
    state: string;
    message?: string;
    startedAt?: string;
    finishedAt?: string;
  }>;
  error?: {
    reason: string;
    message: string;
    hint?: string;
    stderr?: string[];
  };
  createdAt: string;
  finishedAt?: string;
}

export interface ServerStatus {
  state: string;
  reason: string;
  message: string;
  hint?: string;
  pods: { desired: number; ready: number; total: number };
  stderr?: string[];
  servingRevision?: number;
  version: number;
}

export interface Server {
  id: string;
  name: string;
  revision: number;
  replicas: number;
  runState: string;
  etag: string;
  status: ServerStatus;
  operation?: Operation;
}

export interface Pod {
  name: string;
  uid: string;
  state: string;
  ready: boolean;
  restarts: number;
}
