import { BRIDGE_USER } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { RenderInput } from './types';

/** User id of a server beside its bridge when neither its Spec nor its image has one for it. */
const BESIDE_A_BRIDGE = 65531;
const MAX_USER = 2_147_483_647;

/** The user that the server's own processes run as: never root, and never the bridge's when that stands beside it. */
export function serverUser({
  spec: { runAsUser, bridge },
  image,
}: Pick<RenderInput, 'spec' | 'image'>): number {
  if (runAsUser !== undefined || bridge.mode === 'baked') {
    return runAsUser ?? BRIDGE_USER;
  }
  // A name could only be looked up in the image's own /etc/passwd.
  const user = /^(\d+)(:|$)/.exec(image?.user ?? '')?.[1];
  const number = Number(user ?? 0);
  return number > 0 && number <= MAX_USER && number !== BRIDGE_USER
    ? number
    : BESIDE_A_BRIDGE;
}
