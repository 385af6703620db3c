import type {
  EventView,
  OperationKind,
  PodView,
  RunState,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/** Pods that run and do not answer MCP clients, as the platform last found out. */
export interface Silence {
  /** ISO time. */
  since: string;
  pods: number;
  /** ISO time: when they are replaced, which was done without lasting success before. */
  retryAt?: string;
}

/** What the database says of a server, as far as its status depends on it. */
export interface DesiredServer {
  id: string;
  name: string;
  cluster: string;
  runState: RunState;
  replicas: number;
  /** Bounds of an autoscaler, with which `replicas` does not count. */
  scaling?: { min: number; max: number };
  /** The newest revision. */
  revision: number;
  handshake: 'full' | 'bridge-only';
  /** The kind of the operation that is queued or running. */
  operation?: OperationKind;
  silence?: Silence;
}

/** Everything that is shown of a server's life in its cluster. Answers from memory, never by a request. */
export interface ServerStatusService {
  status(server: DesiredServer): ServerStatus;
  pods(server: DesiredServer): PodView[];
  events(server: DesiredServer): EventView[];
  /** Resolves when the picture has reached this version, or after `timeoutMs` (at most 1,000). */
  waitForVersion(
    server: DesiredServer,
    version: number,
    timeoutMs?: number,
  ): Promise<void>;
  /**
   * Resolves with the first status that `done` accepts, asked anew at each change of the picture and each second;
   * rejects when the signal aborts.
   */
  waitFor(
    server: DesiredServer,
    done: (status: ServerStatus) => boolean,
    options: { signal: AbortSignal; onStatus?: (status: ServerStatus) => void },
  ): Promise<ServerStatus>;
}
