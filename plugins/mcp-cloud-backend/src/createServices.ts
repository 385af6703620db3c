import type {
  AuditorService,
  LoggerService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { Backup } from './backup/Backup';
import type { ClusterConnection, Clusters, KubeObject } from './clusters/types';
import type {
  Delivery,
  DeliveryPreview,
  DriftFinder,
  SecretStore,
} from './delivery/types';
import { DriftCheck, type DriftSettings } from './drift/DriftCheck';
import { DriftRepair } from './drift/DriftRepair';
import { DriftWatcher } from './drift/DriftWatcher';
import type { KnownDrift } from './drift/KnownDrift';
import type { ImageRegistries } from './images/types';
import type { TokenSigner } from './keys/types';
import type { RenderInput } from './manifests/types';
import type { BridgeGateway } from './mcp/types';
import { AppliedManifests } from './operations/AppliedManifests';
import { AutomaticRollback } from './operations/AutomaticRollback';
import { IdempotencyKeys } from './operations/IdempotencyKeys';
import { LeaseStore } from './operations/LeaseStore';
import { OperationExecutor } from './operations/OperationExecutor';
import type { OperationListener } from './operations/OperationListener';
import { OperationRunner } from './operations/OperationRunner';
import { OperationStore } from './operations/OperationStore';
import { ServerPreview } from './preview/ServerPreview';
import { Quota } from './quota/Quota';
import type { QuotaLimits } from './quota/QuotaLimits';
import { Recovery } from './recovery/Recovery';
import { Watchdog } from './recovery/Watchdog';
import { Acceptance } from './servers/Acceptance';
import { Audit } from './servers/Audit';
import { AuthorizedKeys } from './servers/AuthorizedKeys';
import { AuthorizedObjects } from './servers/AuthorizedObjects';
import { AuditQueries } from './servers/AuditQueries';
import { AuthorizedPlatform } from './servers/AuthorizedPlatform';
import { AuthorizedQuota } from './servers/AuthorizedQuota';
import { AuthorizedRevisions } from './servers/AuthorizedRevisions';
import { AuthorizedServerService } from './servers/AuthorizedServerService';
import { AuthorizedUsage } from './servers/AuthorizedUsage';
import { Cancellation } from './servers/Cancellation';
import { Gate } from './servers/Gate';
import { History, type HistoryLimits } from './servers/History';
import { KeyCommands } from './servers/KeyCommands';
import type { PlatformRules } from './servers/platformRules';
import { Orphans } from './servers/Orphans';
import { Promotion } from './servers/Promotion';
import { RevisionQueries } from './servers/RevisionQueries';
import { RevisionStore } from './servers/RevisionStore';
import { SecretVersions } from './servers/SecretVersions';
import { ServerAccess } from './servers/ServerAccess';
import { ServerCommands } from './servers/ServerCommands';
import type { ServerChanges } from './servers/ServerChanges';
import { ServerImages } from './servers/ServerImages';
import { ServerKeys } from './servers/ServerKeys';
import { ServerMoves } from './servers/ServerMoves';
import { ServerSecrets } from './servers/ServerSecrets';
import { ServerQueries, type MetricsSource } from './servers/ServerQueries';
import { ServerStore } from './servers/ServerStore';
import { ServerTokens } from './servers/ServerTokens';
import type { ServerStatusService } from './status/types';
import { UsageCollector } from './usage/UsageCollector';
import { UsageStore } from './usage/UsageStore';

/** How long a runner may be silent before another one takes its operations over. */
const LEASE_MS = 15_000;

/** What the services stand upon. */
export interface ServicesOptions {
  knex: Knex;
  logger: LoggerService;
  auditor: AuditorService;
  permissions: PermissionsService;
  userInfo: UserInfoService;
  administrators: string[];
  operationTimeoutMs: number;
  rules: PlatformRules;
  registries: ImageRegistries;
  quotaLimits: QuotaLimits;
  automaticRollback: boolean;
  history: HistoryLimits;
  /** `mcpCloud.keys.secret`. */
  keySecret: string;
  clusters: Clusters;
  delivery: Delivery;
  deliveryPreview: DeliveryPreview;
  driftFinder: DriftFinder;
  driftSettings: DriftSettings;
  knownDrift: KnownDrift;
  secretStore: SecretStore;
  statuses: ServerStatusService;
  metrics: MetricsSource;
  gateway: BridgeGateway;
  signer: TokenSigner;
  changes: ServerChanges;
  news?: OperationListener;
  recovery: { enabled: boolean; afterMs: number };
  render: (
    input: RenderInput,
    cluster: ClusterConnection,
  ) => Promise<KubeObject[]>;
  externalBaseUrl: () => Promise<string>;
  /** For tests. */
  timing?: {
    leaseMs?: number;
    pollMs?: number;
    failingMs?: number;
    handshakeMs?: number;
  };
}

/** Puts what serves requests and the runner of operations together. */
export function createServices(options: ServicesOptions) {
  const { knex, logger, clusters, statuses, secretStore, changes, timing } =
    options;
  const leaseMs = timing?.leaseMs ?? LEASE_MS;
  const store = new ServerStore(knex);
  const revisions = new RevisionStore(knex);
  const operations = new OperationStore(knex, options.news);
  const audit = new Audit(options);
  const secretVersions = new SecretVersions(knex);
  const leases = new LeaseStore(knex, leaseMs, options.news);
  const serverKeys = new ServerKeys(knex);
  const applied = new AppliedManifests(knex);
  const usage = new UsageStore(knex);
  const images = new ServerImages(options.registries);
  const quota = new Quota({
    knex,
    limits: options.quotaLimits,
    revisions,
    applied,
  });
  const secrets = new ServerSecrets({
    versions: secretVersions,
    store: secretStore,
    clusters,
    logger,
  });
  const executor = new OperationExecutor({
    leases,
    servers: store,
    revisions,
    secretVersions,
    secretStore,
    clusters,
    delivery: options.delivery,
    applied,
    allowedManagers: options.driftSettings.allowedManagers,
    render: options.render,
    rules: options.rules,
    statuses,
    gateway: options.gateway,
    changes,
    keys: serverKeys,
    quota,
    automaticRollback: options.automaticRollback
      ? new AutomaticRollback({
          servers: store,
          revisions,
          operations,
          quota,
          audit,
        })
      : undefined,
    mend: serverId => operations.mend(serverId),
    // Moves need the runner, and the runner this.
    // eslint-disable-next-line @typescript-eslint/no-use-before-define
    clearAfterMove: serverId => moves.clear(serverId),
    logger,
    timeoutMs: options.operationTimeoutMs,
    failingMs: timing?.failingMs,
    handshakeMs: timing?.handshakeMs,
  });
  const runner = new OperationRunner({
    leases,
    execute: (operation, lease) => executor.execute(operation, lease),
    logger,
    leaseMs,
    pollMs: timing?.pollMs,
  });
  const acceptance = new Acceptance({
    store,
    operations,
    changes,
    wake: serverId => runner.wake(serverId),
  });
  const repair = new DriftRepair({ operations, acceptance, audit });
  const drift = new DriftWatcher({
    clusters,
    store,
    check: new DriftCheck({
      operations,
      applied,
      clusters,
      finder: options.driftFinder,
      settings: options.driftSettings,
    }),
    known: options.knownDrift,
    repair,
    changes,
    periodMs: options.driftSettings.periodMs,
    logger,
  });
  const recovery = new Recovery({
    operations,
    acceptance,
    audit,
    ...options.recovery,
  });
  const watchdog = new Watchdog({
    clusters,
    gateway: options.gateway,
    store,
    revisions,
    operations,
    recovery,
    changes,
    logger,
    ...options.recovery,
  });
  const queries = new ServerQueries({
    store,
    revisions,
    operations,
    clusters,
    statuses,
    metrics: options.metrics,
    usage,
    externalBaseUrl: options.externalBaseUrl,
  });
  const commands = new ServerCommands({
    store,
    operations,
    revisions,
    secrets,
    clusters,
    acceptance,
    rules: options.rules,
    images,
    quota,
  });
  const moves = new ServerMoves({
    store,
    operations,
    revisions,
    leases,
    secrets,
    clusters,
    acceptance,
    rules: options.rules,
  });
  const cancellation = new Cancellation({
    store,
    operations,
    revisions,
    acceptance,
    quota,
  });
  const access = new ServerAccess(options);
  const idempotency = new IdempotencyKeys(knex, options.keySecret);
  const history = new History({ knex, revisions, secrets, ...options.history });
  const tokens = new ServerTokens(options.signer);
  const parts = {
    queries,
    commands,
    access,
    audit,
    gate: new Gate({ queries, access, audit, keys: idempotency }),
  };
  const servers = new AuthorizedServerService({
    ...parts,
    tokens,
    cancellation,
  });
  const authorizedRevisions = new AuthorizedRevisions({
    ...parts,
    revisions: new RevisionQueries({
      revisions,
      clusters,
      render: options.render,
    }),
    preview: new ServerPreview({
      store,
      revisions,
      secrets,
      secretVersions,
      clusters,
      delivery: options.deliveryPreview,
      rules: options.rules,
      images,
      quota,
      inventory: (serverId, cluster) => leases.inventory(serverId, cluster),
      render: options.render,
    }),
    promotion: new Promotion({ store, revisions }),
    moves,
  });
  const keyCommands = new KeyCommands({
    keys: serverKeys,
    revisions,
    operations,
    acceptance,
  });
  return {
    store,
    operations,
    secrets,
    history,
    moves,
    cancellation,
    runner,
    queries,
    commands,
    tokens,
    drift,
    repair,
    recovery,
    watchdog,
    servers,
    revisions: authorizedRevisions,
    keys: new AuthorizedKeys({ ...parts, keyCommands, keys: serverKeys }),
    usage: new AuthorizedUsage({ ...parts, usage }),
    quota: new AuthorizedQuota({ ...parts, quota }),
    usageCollector: new UsageCollector({
      clusters,
      gateway: options.gateway,
      store: usage,
      logger,
    }),
    platform: new AuthorizedPlatform({
      ...parts,
      events: new AuditQueries(knex),
      orphans: new Orphans({ store, clusters, delivery: options.delivery }),
      registries: options.registries,
      backup: new Backup({
        ...options,
        distributeKeys: () => commands.distributeKeys(),
        wake: () => runner.wake(),
      }),
    }),
    objects: new AuthorizedObjects({ ...parts, applied, drift, repair }),
  };
}
