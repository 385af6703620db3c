import {
  objectName,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { stringify } from 'yaml';
import { PEERS_PORT, peersName } from './names';
import { parseQuantity } from './quantity';
import type { PlatformSettings, RenderInput } from './types';

/** How long a bridge has to finish what runs when its pod ends, in seconds. */
export const DRAIN_SECONDS = 30;
/** What one child is expected to need. */
const CHILD_BYTES = 100 * 2 ** 20;
const MIN_CHILDREN = 2;

/**
 * The bridge's `bridge.yaml`. It is mounted and watched, so a change here reaches running pods without a restart;
 * it holds public keys and hashes only. The Spec's options have the bridge's names, and pass as they stand.
 */
export function bridgeConfig(
  input: RenderInput,
  platform: PlatformSettings,
): string {
  const { spec } = input;
  const config = {
    auth: auth(input, platform),
    allowedHosts: hosts(spec, platform),
    allowedOrigins: spec.allowedOrigins,
    peers: { service: peersName(spec.name), port: PEERS_PORT },
    isolation: spec.isolation,
    era: spec.era,
    // A server that speaks HTTP is one process, however many sessions it has.
    limits: {
      ...(spec.transport.type === 'stdio' && room(spec)),
      ...spec.limits,
    },
    tools: spec.tools,
    headerEnv: spec.headerEnv,
    drain: `${DRAIN_SECONDS}s`,
    handshake: spec.handshake,
    handshakeTimeout: spec.handshakeTimeout,
    stopGrace: spec.stopGrace,
    logLevel: spec.logLevel,
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The portal's tokens are known in every mode, by a header of their own. */
function auth(
  { id, spec, tokensNotBefore, keys }: RenderInput,
  platform: PlatformSettings,
) {
  return {
    mode: spec.auth,
    audience: id,
    keys: platform.publicKeys.map(({ kty, crv, kid, x }) => ({
      kty,
      crv,
      kid,
      x,
    })),
    notBefore: tokensNotBefore,
    ...(spec.auth === 'keys' && { staticKeys: keys ?? [] }),
    ...(spec.jwt && {
      jwt: {
        issuer: spec.jwt.issuer,
        resource: spec.jwt.audience,
        jwksUri: spec.jwt.jwksUri,
        scopes: spec.jwt.scopes,
        clockTolerance: spec.jwt.clockTolerance,
      },
    }),
  };
}

/**
 * Children that fit into the memory limit, the warm spare included, and as many sessions as that leaves; whoever sets
 * one of them knows better. Shared children serve any number of sessions.
 */
function room({ resources, limits, isolation }: ServerSpec) {
  const maxChildren =
    limits.maxChildren ??
    (limits.maxSessions && isolation === 'session'
      ? limits.maxSessions + 1
      : childrenFor(resources.limits.memory));
  return {
    maxChildren,
    ...(isolation === 'session' && {
      maxSessions: Math.max(1, maxChildren - 1),
    }),
  };
}

/** Children that fit into the memory limit; always enough for one session. */
export function childrenFor(memoryLimit: string): number {
  const bytes = parseQuantity(memoryLimit);
  return Number.isFinite(bytes)
    ? Math.max(MIN_CHILDREN, Math.floor(bytes / CHILD_BYTES))
    : MIN_CHILDREN;
}

function hosts(
  { name, service: { host }, exposure }: ServerSpec,
  platform: PlatformSettings,
): string[] {
  const service = objectName(name);
  const inNamespace = `${service}.${platform.namespace}`;
  return [
    ...new Set([
      service,
      inNamespace,
      `${inNamespace}.svc`,
      `${inNamespace}.svc.cluster.local`,
      'localhost',
      '127.0.0.1',
      '[::1]',
      ...platform.allowedHosts,
      ...(host ? [host] : []),
      ...(exposure ? [exposure.host] : []),
    ]),
  ];
}
