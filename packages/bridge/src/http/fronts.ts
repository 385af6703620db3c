import type { BridgeConfig } from '../config/schema';
import type { BridgeMetrics } from '../observability/metrics';
import type { Pools } from '../pool/pools';
import type { SessionRegistry } from '../session/registry';
import type { Certificates } from './Certificates';
import { BodyReader, MemoryBudget } from './body';
import type { Gate } from './gate';
import type { Upgrade } from './listen';
import type { McpEndpoint } from './public';
import { ModernHttp } from './modern';
import { HttpSse } from './sse';
import { StreamableHttp } from './streamable';
import { isWebSocket, WebSocketEnd, WEB_SOCKET_PATH } from './websocket';

export interface FrontOptions {
  readonly config: () => BridgeConfig;
  readonly gate: Gate;
  readonly sessions: SessionRegistry;
  readonly pools: Pools;
  readonly metrics: BridgeMetrics;
}

/** What a front end gets that is no part of the HTTP server. */
export interface OwnPortOptions extends Omit<FrontOptions, 'pools'> {
  /** When clients are served over TLS. */
  readonly certificates?: Certificates;
  /** Whether new sessions are to be sent here. */
  readonly ready: () => boolean;
}

/** A front end that listens by itself. */
export interface OwnPortEnd {
  /** @throws UsageError when its port is taken */
  start(): Promise<void>;
  /** Ends what is open, at once. */
  stop(): void;
}

export interface Fronts {
  /** By path. */
  readonly ends: ReadonlyMap<string, McpEndpoint>;
  readonly bodies: BodyReader;
  readonly modern: ModernHttp;
  readonly sockets: WebSocketEnd;
  readonly upgrade: Upgrade;
}

/** Every way in for clients; they share the sessions and the memory for what comes in. */
export function createFronts({
  config,
  gate,
  sessions,
  pools,
  metrics,
}: FrontOptions): Fronts {
  const maxBody = () => config().limits.maxBody;
  const budget = new MemoryBudget(maxBody);
  const bodies = new BodyReader(maxBody, budget);
  const modern = new ModernHttp(
    config,
    pools,
    () => sessions.draining,
    metrics,
  );
  const streamable = new StreamableHttp(
    config,
    sessions,
    modern,
    metrics,
    bodies,
  );
  const sse = new HttpSse(config, sessions, metrics, bodies);
  const sockets = new WebSocketEnd(config, gate, sessions, metrics, budget);
  return {
    ends: new Map<string, McpEndpoint>([
      ['/mcp', streamable],
      ...sse.ends,
      [WEB_SOCKET_PATH, sockets],
    ]),
    bodies,
    modern,
    sockets,
    upgrade: {
      wanted: isWebSocket,
      handle: (req, socket, head) => sockets.upgrade(req, socket, head),
    },
  };
}
