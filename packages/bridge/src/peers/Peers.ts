import type { Server } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import type { BodyReader } from '../http/body';
import { createPeerServer, listen } from '../http/listen';
import type { Logger } from '../observability/logger';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionRegistry } from '../session/registry';
import { receiveOptions } from './channel';
import { Forwarder } from './Forwarder';
import { Members } from './Members';
import type { Replica } from './Replica';
import type { RequestStates } from './requestState';
import { SessionRouter } from './SessionRouter';
import type { SharedKeys } from './SharedKeys';

type Handler = Parameters<typeof createPeerServer>[0];

export interface PeersOptions {
  readonly config: BridgeConfig;
  readonly replica: Replica;
  readonly keys: SharedKeys;
  readonly sessions: SessionRegistry;
  readonly states: RequestStates;
  readonly metrics: BridgeMetrics;
  readonly logger: Logger;
  readonly bodies: BodyReader;
  /**
   * The whole way in for requests that peers pass on: they are authenticated again.
   * Serves sessions of this replica and nothing else, which is why a request makes one hop at most.
   */
  readonly receive: Handler;
}

/** What keeps this replica from having peers though it shall have some; nothing when all is there. */
export function whyAlone(
  { peers }: BridgeConfig,
  replica: Replica,
  keys: SharedKeys,
): string | undefined {
  if (!peers) return undefined;
  if (!keys.shared)
    return 'peers are configured, but no secretFile that they share';
  if (replica.podIp === '')
    return 'peers are configured, but not the address of this one (pod.ip)';
  return undefined;
}

/** The other replicas of the server: the way to them, and their way in. */
export class Peers {
  readonly router: SessionRouter;
  private readonly forwarder: Forwarder;
  private readonly server: Server;
  private readonly host: string;
  private readonly port: number;

  constructor(
    { service, addresses, port }: NonNullable<BridgeConfig['peers']>,
    options: PeersOptions,
  ) {
    const { config, keys, replica, sessions, states, metrics } = options;
    const ring = () => keys.now;
    this.host = config.host;
    this.port = port;
    this.forwarder = new Forwarder(port, options.bodies);
    this.router = new SessionRouter({
      replica,
      ring,
      sessions,
      states,
      members: new Members({ service, addresses }),
      forwarder: this.forwarder,
      metrics,
    });
    this.server = createPeerServer(
      options.receive,
      options.logger,
      receiveOptions(ring),
    );
  }

  /** Calls that are passed on and not answered yet. */
  get pendingCount(): number {
    return this.forwarder.pendingCount;
  }

  /** @throws UsageError when the port is taken */
  async start(): Promise<void> {
    await listen(this.server, this.host, this.port);
  }

  /** Takes no more, and ends what is passed on. */
  close(): void {
    this.server.close();
    this.forwarder.close();
  }

  closeAllConnections(): void {
    this.server.closeAllConnections();
  }
}
