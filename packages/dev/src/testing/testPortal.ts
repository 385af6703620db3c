import { resetEmbedded } from '../clusters/embedded.ts';
import { kindIsUsable, resetKind } from '../clusters/kind.ts';
import { reset } from '../down.ts';
import type { Undo } from '../undo.ts';
import { up, type Portal } from '../up.ts';

/** Name and port of the portal for tests, and name of its cluster: none of them is `./dev`'s. */
export const TEST_NAME = 'test';
const TEST_PORT = 7207;

/** A portal and a cluster from nothing: what a run before left behind, when it was killed, is deleted first. */
export async function startTestPortal(undo: Undo): Promise<Portal> {
  await reset(TEST_NAME);
  await ((await kindIsUsable())
    ? resetKind(TEST_NAME)
    : resetEmbedded(TEST_NAME));
  undo.add('deleted the portal and the cluster for tests', () =>
    reset(TEST_NAME),
  );
  const options = {
    name: TEST_NAME,
    port: TEST_PORT,
    watch: false,
    example: false,
  };
  // What `up` would take back by itself, the reset above takes back too.
  return up(options, { add: () => {} });
}
