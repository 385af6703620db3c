import {
  BRIDGE_USER,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/**
 * User id of a server beside its bridge whose Spec names none. Any but root and the bridge's; what the image says is
 * not looked up.
 */
const BESIDE_A_BRIDGE = 65531;

/** The user that the server's own processes run as. */
export function serverUser({ runAsUser, bridge }: ServerSpec): number {
  return (
    runAsUser ?? (bridge.mode === 'sidecar' ? BESIDE_A_BRIDGE : BRIDGE_USER)
  );
}
