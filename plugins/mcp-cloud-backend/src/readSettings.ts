import { readDurationFromConfig, type Config } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';
import { readQuota } from './readQuota';
import { readRules } from './readRules';
import { REPLICAS_MANAGER } from './delivery/autoscaling';
import type { DriftSettings } from './drift/DriftCheck';
import type { QuotaLimits } from './quota/QuotaLimits';
import type { HistoryLimits } from './servers/History';
import type { PlatformRules } from './servers/platformRules';

/** The configuration as the plugin uses it. */
export interface Settings {
  administrators: string[];
  operationTimeoutMs: number;
  rules: PlatformRules;
  quotaLimits: QuotaLimits;
  automaticRollback: boolean;
  history: HistoryLimits;
  driftSettings: DriftSettings;
  recovery: { enabled: boolean; afterMs: number };
  /** How long a server is down until its owner hears of it. */
  downAfterMs: number;
}

const DAY_MS = 24 * 3600_000;
const DEFAULTS = {
  timeoutMs: 5 * 60_000,
  revisions: 50,
  operationsMs: 90 * DAY_MS,
  auditMs: 365 * DAY_MS,
  usageMs: 365 * DAY_MS,
  driftMs: 10 * 60_000,
  silenceMs: 60_000,
  downMs: 2 * 60_000,
};

/** Kubernetes' own: rollouts, and scaling by HPAs. */
const CONTROLLERS = [
  'kube-controller-manager',
  'vpa-admission-controller',
  REPLICAS_MANAGER,
];

/** Reads `mcpCloud`, besides the clusters and keys, which read their own parts. */
export function readSettings(config: Config): Settings {
  const duration = (key: string, otherwise: number) =>
    config.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key }))
      : otherwise;
  const revisions =
    config.getOptionalNumber('mcpCloud.history.revisions') ??
    DEFAULTS.revisions;
  if (!Number.isInteger(revisions) || revisions < 1) {
    throw new Error(
      `mcpCloud.history.revisions is ${revisions} and must be a whole number of 1 or more.`,
    );
  }
  return {
    administrators:
      config.getOptionalStringArray('mcpCloud.administrators') ?? [],
    operationTimeoutMs: duration(
      'mcpCloud.operations.timeout',
      DEFAULTS.timeoutMs,
    ),
    automaticRollback:
      config.getOptionalBoolean('mcpCloud.operations.automaticRollback') ??
      true,
    history: {
      keepRevisions: revisions,
      operationsMs: duration(
        'mcpCloud.history.operations',
        DEFAULTS.operationsMs,
      ),
      auditMs: duration('mcpCloud.history.audit', DEFAULTS.auditMs),
      usageMs: duration('mcpCloud.history.usage', DEFAULTS.usageMs),
    },
    driftSettings: {
      allowedManagers: new Set([
        ...CONTROLLERS,
        ...(config.getOptionalStringArray('mcpCloud.drift.allowedManagers') ??
          []),
      ]),
      repairsItself:
        config.getOptionalBoolean('mcpCloud.drift.repair') ?? false,
      periodMs: duration('mcpCloud.drift.period', DEFAULTS.driftMs),
    },
    recovery: {
      enabled: config.getOptionalBoolean('mcpCloud.recovery.enabled') ?? true,
      afterMs: duration('mcpCloud.recovery.after', DEFAULTS.silenceMs),
    },
    downAfterMs: duration('mcpCloud.notifications.downAfter', DEFAULTS.downMs),
    rules: readRules(config),
    quotaLimits: readQuota(config),
  };
}
