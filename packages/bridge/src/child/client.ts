import {
  CLIENT_CAPABILITIES,
  CLIENT_INFO,
  MODERN_VERSION,
  PROTOCOL_VERSION,
} from '../frames/meta';

/** How the bridge names itself to servers when it asks on its own account. */
export const CLIENT = { name: 'mcp-bridge', version: '1.0.0' };

/** `_meta` of requests of 2026-07-28 that the bridge makes on its own account. */
export function bridgeEnvelope(): Record<string, unknown> {
  return {
    [PROTOCOL_VERSION]: MODERN_VERSION,
    [CLIENT_INFO]: CLIENT,
    [CLIENT_CAPABILITIES]: {},
  };
}
