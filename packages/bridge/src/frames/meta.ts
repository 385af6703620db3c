import { JsonObject, own, ownObject } from './json';

/** The revision without sessions ("modern"); earlier ones are "legacy". */
export const MODERN_VERSION = '2026-07-28';
/** Revisions with sessions. */
export const LEGACY_VERSIONS: readonly string[] = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
];
export const NEWEST_LEGACY = '2025-11-25';

/** Members of `_meta` that 2026-07-28 reserves. */
const PREFIX = 'io.modelcontextprotocol/';
export const PROTOCOL_VERSION = `${PREFIX}protocolVersion`;
export const CLIENT_INFO = `${PREFIX}clientInfo`;
export const CLIENT_CAPABILITIES = `${PREFIX}clientCapabilities`;
export const LOG_LEVEL = `${PREFIX}logLevel`;
export const SERVER_INFO = `${PREFIX}serverInfo`;
export const SUBSCRIPTION_ID = `${PREFIX}subscriptionId`;

/** What a request of 2026-07-28 says of its client. */
export const ENVELOPE_KEYS: ReadonlySet<string> = new Set([
  PROTOCOL_VERSION,
  CLIENT_INFO,
  CLIENT_CAPABILITIES,
  LOG_LEVEL,
]);

/** The same, read. */
export interface Envelope {
  readonly capabilities: JsonObject;
  /** Without one the server must not send log messages. */
  readonly logLevel?: string;
}

/** The envelope of a request that has one. */
export function envelopeOf({
  params,
}: {
  readonly params?: JsonObject;
}): Envelope {
  const meta = ownObject(params, '_meta');
  const logLevel = meta && own(meta, LOG_LEVEL);
  return {
    capabilities: ownObject(meta, CLIENT_CAPABILITIES) ?? {},
    ...(typeof logLevel === 'string' ? { logLevel } : {}),
  };
}

/** Levels of log messages, the least severe first. */
export const SEVERITY: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** Whether a log message is severe enough for who asked for `wanted`. */
export function isLogged(params: JsonObject | undefined, wanted: string) {
  const level = String(params && own(params, 'level'));
  return SEVERITY.indexOf(level) >= SEVERITY.indexOf(wanted);
}
