import type { Server } from 'node:http';
import { createHost } from './child/createHost';
import { Journal } from './child/journal';
import { Supervisor } from './child/supervisor';
import type { LoadedConfig } from './config/load';
import type { BridgeConfig } from './config/schema';
import { adminHandler } from './http/admin';
import { Certificates } from './http/Certificates';
import {
  createFronts,
  type OwnPortEnd,
  type OwnPortOptions,
} from './http/fronts';
import { Gate } from './http/gate';
import { guard } from './http/guard';
import { createHttpServer, listen } from './http/listen';
import { publicHandler } from './http/public';
import type { ModernHttp } from './http/modern';
import type { WebSocketEnd } from './http/websocket';
import type { Logger } from './observability/logger';
import { BridgeMetrics } from './observability/metrics';
import { StatusReporter, version } from './observability/status';
import { startTracing } from './observability/tracing';
import { Peers, whyAlone } from './peers/Peers';
import { RequestStates } from './peers/requestState';
import { thisReplica } from './peers/Replica';
import { sealSessionId } from './peers/sessionId';
import { SharedKeys } from './peers/SharedKeys';
import { Pools } from './pool/pools';
import { SessionRegistry } from './session/registry';

const POLL_MS = 25;
/** Load balancers need a moment to learn that this replica takes no more. */
const LINGER_MS = 1000;

/** The whole bridge, wired. */
export class Bridge {
  readonly supervisor: Supervisor;
  readonly sessions: SessionRegistry;
  port = 0;
  adminPort = 0;

  private config: BridgeConfig;
  private readonly gate: Gate;
  private readonly metrics: BridgeMetrics;
  private readonly reporter: StatusReporter;
  private readonly keys: SharedKeys;
  private readonly peers?: Peers;
  private readonly pools: Pools;
  private readonly modern: ModernHttp;
  private readonly sockets: WebSocketEnd;
  private readonly certificates?: Certificates;
  private readonly publicServer: Server;
  private readonly adminServer: Server;
  private readonly ownPortEnds: OwnPortEnd[] = [];

  constructor(loaded: LoadedConfig, private readonly logger: Logger) {
    this.config = loaded.config;
    this.gate = new Gate(loaded.config);
    const config = () => this.config;
    this.keys = new SharedKeys(loaded.config.secretFile, logger);
    const replica = thisReplica(loaded.config.pod);

    const journal = new Journal(logger);
    const host = createHost(config, journal, logger);
    this.supervisor = new Supervisor(config, host, journal, logger);
    this.metrics = new BridgeMetrics({
      sessions: () => this.sessions.size,
      children: () => this.supervisor.size,
      childPids: () => this.supervisor.localPids(),
      ready: () => this.reporter.ready().ok,
      healthy: () => true, // it answers the scrape
    });
    journal.onDeath = () => this.metrics.childDied();
    const states = new RequestStates(() => this.keys.now, replica);
    this.pools = new Pools({
      config,
      supervisor: this.supervisor,
      metrics: this.metrics,
      logger,
      states,
      reclaim: () => this.sessions.reclaim(true),
    });
    this.sessions = new SessionRegistry({
      config,
      supervisor: this.supervisor,
      plan: (principal, credentials) =>
        this.pools.session(principal, credentials),
      giveWay: credentials => this.pools.giveWay(credentials),
      metrics: this.metrics,
      logger,
      newId: principal => sealSessionId(this.keys.now, replica, principal),
      onInitialized: facts => this.supervisor.initialized(facts),
      onSweep: oldest => this.pools.sweep(oldest),
    });
    this.reporter = new StatusReporter(config, this.supervisor, this.sessions);
    this.reporter.configHash = loaded.hash;

    const { gate, metrics, reporter } = this;
    const { ends, bodies, modern, sockets, upgrade } = createFronts({
      config,
      gate,
      sessions: this.sessions,
      pools: this.pools,
      metrics,
    });
    this.sockets = sockets;
    this.modern = modern;
    const serve = (served: typeof ends) =>
      publicHandler({
        config,
        gate,
        ends: served,
        reporter,
        metrics,
        logger,
      });
    const alone = whyAlone(loaded.config, replica, this.keys);
    if (alone !== undefined) {
      reporter.peersError = alone;
      logger.warn({ problem: alone }, 'sessions stay on this replica');
    } else if (loaded.config.peers) {
      this.peers = new Peers(loaded.config.peers, {
        config: loaded.config,
        replica,
        keys: this.keys,
        sessions: this.sessions,
        states,
        metrics,
        logger,
        bodies,
        receive: serve(ends),
      });
    }
    if (loaded.config.tls)
      this.certificates = new Certificates(loaded.config.tls, logger);
    this.publicServer = createHttpServer(
      serve(this.peers?.router.around(ends) ?? ends),
      logger,
      { upgrade, certificates: this.certificates },
    );
    this.publicServer.on('connection', socket => {
      metrics.connected();
      socket.once('close', () => metrics.disconnected());
    });
    const authorize = (
      req: Parameters<Parameters<typeof createHttpServer>[0]>[0],
    ) => {
      guard(req.headers, config());
      return gate.permit(req.headers);
    };
    this.adminServer = createHttpServer(
      adminHandler({ reporter, metrics, usage: gate.usage, authorize }),
      logger,
    );
  }

  /** @throws UsageError when a port is taken */
  async start(): Promise<void> {
    const { host, port, adminHost, adminPort, auth } = this.config;
    this.gate.tracing = await startTracing(this.config);
    this.adminPort = await listen(this.adminServer, adminHost, adminPort);
    await this.peers?.start();
    this.port = await listen(this.publicServer, host, port);
    for (const end of this.ownPortEnds) await end.start();
    this.keys.watch();
    this.logger.info(
      {
        version,
        host,
        port: this.port,
        adminHost,
        adminPort: this.adminPort,
        auth: auth.mode,
      },
      'mcp-bridge listening',
    );
    this.supervisor.start();
  }

  /** Adds a front end on a port of its own, before the start. */
  add(create: (options: OwnPortOptions) => OwnPortEnd): void {
    this.ownPortEnds.push(
      create({
        config: () => this.config,
        gate: this.gate,
        sessions: this.sessions,
        metrics: this.metrics,
        ready: () => this.reporter.ready().ok,
        certificates: this.certificates,
      }),
    );
  }

  /** Applies a new configuration; sessions stay. Addresses, peers, the upstream and the kind of readiness need a restart. */
  reconfigure({ config, hash }: LoadedConfig): void {
    const server = ({ command, era }: BridgeConfig) =>
      JSON.stringify([command, era]);
    const serverChanged = server(config) !== server(this.config);
    this.config = config;
    if (serverChanged) this.supervisor.relearn();
    if (this.gate.reconfigure(config)) this.sessions.renewStreams();
    this.logger.level = config.logLevel;
    this.reporter.configHash = hash;
    this.reporter.configError = undefined;
    this.logger.info({ hash }, 'configuration applied');
  }

  /** Keeps what is in use, and says why the new configuration is not. */
  refuseConfig(message: string): void {
    this.reporter.configError = message;
    this.logger.error(
      { problem: message },
      'the changed configuration was not applied',
    );
  }

  /** Calls that are under way, here and passed on. */
  get pendingCount(): number {
    return (
      this.sessions.pendingCount +
      this.modern.pendingCount +
      (this.peers?.pendingCount ?? 0)
    );
  }

  /** Refuses new sessions, lets running calls finish, then ends everything. */
  async drain({ linger }: { linger: boolean }): Promise<void> {
    this.sessions.draining = true;
    const end = Date.now() + this.config.drain;
    if (linger)
      await new Promise(resolve =>
        setTimeout(resolve, Math.min(LINGER_MS, this.config.drain)),
      );
    // What was called since the portal last asked would be lost, so it is waited for, too.
    const isNeeded = () => this.pendingCount > 0 || this.gate.usage.awaited;
    while (isNeeded() && Date.now() < end) {
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
    await this.stop();
  }

  /** Ends everything now, in order; resolves when no process is left. */
  async stop(): Promise<void> {
    this.sessions.draining = true;
    this.publicServer.close();
    const text = 'The server is shutting down';
    await Promise.all([
      this.sessions.closeAll(text),
      this.pools.close({ reason: 'draining', text }),
      this.supervisor.close(),
    ]);
    await this.gate.tracing?.stop();
    this.peers?.close();
    this.keys.close();
    this.certificates?.close();
    this.adminServer.close();
    this.peers?.closeAllConnections();
    this.publicServer.closeAllConnections();
    this.sockets.cutAll();
    for (const end of this.ownPortEnds) end.stop();
    this.adminServer.closeAllConnections();
    this.reporter.close();
  }
}
