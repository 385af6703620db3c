import type { ServerState } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What is kept of a server's state, so that each change is told once, whichever replica sees it. */
export interface KnownState {
  state: ServerState;
  /** Since when it is failed or degraded without anybody working on it. */
  downSince: Date | null;
  /** Whether the owner knows. */
  ownerTold: boolean;
}

/** What follows from a look at a server; `tell` is what its owner is to hear. */
export interface NextState {
  next: KnownState;
  isChange: boolean;
  tell?: 'down' | 'back';
}

/**
 * A server is down when it was failed or degraded for a while on end, and back when it runs. While its cluster is not
 * reached, while it is being changed or comes up, it is neither; one that is stopped on purpose is not down any more.
 */
export function nextState(
  before: KnownState | undefined,
  seen: { state: ServerState; isBusy: boolean },
  now: Date,
  downAfterMs: number,
): NextState {
  const { state, isBusy } = seen;
  const known = before ?? { state, downSince: null, ownerTold: false };
  const isChange = before?.state !== state;
  const next = { ...known, state };
  if (state === 'Running' || state === 'Stopped') {
    return {
      next: { state, downSince: null, ownerTold: false },
      isChange,
      ...(state === 'Running' && known.ownerTold && { tell: 'back' }),
    };
  }
  if ((state !== 'Failed' && state !== 'Degraded') || isBusy) {
    return { next, isChange };
  }
  const downSince = known.downSince ?? now;
  const isLong = now.getTime() - downSince.getTime() >= downAfterMs;
  const tells = isLong && !known.ownerTold;
  return {
    next: { state, downSince, ownerTold: known.ownerTold || isLong },
    isChange,
    ...(tells && { tell: 'down' }),
  };
}
