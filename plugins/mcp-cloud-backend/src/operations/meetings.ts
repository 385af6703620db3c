import type { OperationKind } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What an operation that is asked for does about an open one: wait for it, take its place, or not be accepted. */
export type Meeting = 'queue' | 'supersede' | 'refuse';

const Q = 'queue';
const S = 'supersede';
const R = 'refuse';

/**
 * A row for each kind that is queued or running, a column for each that is asked for (docs/architecture.md shows the
 * same). Every operation's target is the whole of what the server is to be like, so a later one may take the place of
 * an earlier one when it also checks what that one would have checked. What a move makes of a server is not known before
 * its end, so changes wait for that with those who ask for them.
 */
// prettier-ignore
const MEETINGS: Record<OperationKind, Record<OperationKind, Meeting>> = {
  deploy: { deploy: S, rollback: S, scale: Q, stop: S, start: Q, restart: Q, rotate: Q, delete: S, repair: Q, recover: Q, move: R },
  rollback: { deploy: S, rollback: S, scale: Q, stop: S, start: Q, restart: Q, rotate: Q, delete: S, repair: Q, recover: Q, move: R },
  scale: { deploy: S, rollback: S, scale: S, stop: S, start: S, restart: S, rotate: Q, delete: S, repair: Q, recover: Q, move: Q },
  stop: { deploy: S, rollback: S, scale: S, stop: S, start: S, restart: R, rotate: Q, delete: S, repair: Q, recover: Q, move: Q },
  start: { deploy: S, rollback: S, scale: Q, stop: S, start: S, restart: S, rotate: Q, delete: S, repair: Q, recover: Q, move: Q },
  restart: { deploy: S, rollback: S, scale: Q, stop: S, start: S, restart: S, rotate: Q, delete: S, repair: Q, recover: Q, move: Q },
  rotate: { deploy: Q, rollback: Q, scale: Q, stop: Q, start: Q, restart: Q, rotate: Q, delete: S, repair: Q, recover: Q, move: Q },
  repair: { deploy: Q, rollback: Q, scale: Q, stop: S, start: Q, restart: Q, rotate: Q, delete: S, repair: S, recover: Q, move: S },
  recover: { deploy: Q, rollback: Q, scale: Q, stop: S, start: Q, restart: Q, rotate: Q, delete: S, repair: Q, recover: S, move: S },
  delete: { deploy: R, rollback: R, scale: R, stop: R, start: R, restart: R, rotate: R, delete: R, repair: R, recover: R, move: R },
  move: { deploy: R, rollback: R, scale: R, stop: R, start: R, restart: R, rotate: Q, delete: S, repair: R, recover: R, move: R },
};

/** What becomes of an open operation when another one is asked for. */
export function meetingOf(open: OperationKind, asked: OperationKind): Meeting {
  return MEETINGS[open][asked];
}

/** The table, for its page in the documentation. */
export const meetings: Readonly<typeof MEETINGS> = MEETINGS;
