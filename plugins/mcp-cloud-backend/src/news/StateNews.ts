import { isDeepStrictEqual } from 'node:util';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ServerRow } from '../database/rows';
import type { OperationStore } from '../operations/OperationStore';
import type { ServerStore } from '../servers/ServerStore';
import { toDesired } from '../servers/toDesired';
import type { ServerStatusService } from '../status/types';
import { nextState, type KnownState } from './nextState';
import type { Notifier } from './Notifier';
import type { ServerEvents } from './ServerEvents';
import type { StateStore } from './StateStore';

/** Tells of changes of servers' states: programs by events, and owners when a server goes down and is back. */
export class StateNews {
  readonly #options: {
    store: ServerStore;
    operations: OperationStore;
    statuses: ServerStatusService;
    states: StateStore;
    events: Pick<ServerEvents, 'state'>;
    notifier: Pick<Notifier, 'serverDown' | 'serverBack'>;
    logger: LoggerService;
    downAfterMs: number;
  };

  constructor(options: {
    store: ServerStore;
    operations: OperationStore;
    statuses: ServerStatusService;
    states: StateStore;
    events: Pick<ServerEvents, 'state'>;
    notifier: Pick<Notifier, 'serverDown' | 'serverBack'>;
    logger: LoggerService;
    /** How long a server is down until its owner hears of it. */
    downAfterMs: number;
  }) {
    this.#options = options;
  }

  /** Looks at every server once. For one replica at a time. */
  async round(now = new Date()): Promise<void> {
    const { store, operations, states, logger } = this.#options;
    const [rows, kinds, known] = await Promise.all([
      store.list(),
      operations.openKinds(),
      states.list(),
    ]);
    for (const row of rows) {
      try {
        await this.#look(row, known.get(row.id), kinds.get(row.id), now);
      } catch (error) {
        logger.warn(`News of ${row.name} were not told`, error as Error);
      }
    }
  }

  async #look(
    row: ServerRow,
    before: KnownState | undefined,
    kind: Parameters<typeof toDesired>[1],
    now: Date,
  ): Promise<void> {
    const { statuses, states, events, notifier, downAfterMs } = this.#options;
    const status = statuses.status(toDesired(row, kind));
    // A backend that has just started knows nothing yet, which is no news.
    if (status.reason === 'NotSynced') {
      return;
    }
    const { next, isChange, tell } = nextState(
      before,
      { state: status.state, isBusy: kind !== undefined },
      now,
      downAfterMs,
    );
    if (isDeepStrictEqual(before, next)) {
      return;
    }
    // First, so that nothing is told twice when this process ends in between.
    await states.put(row.id, next);
    if (isChange) {
      const { state, reason } = status;
      await events.state(row, { state, reason, before: before?.state });
    }
    if (tell === 'down') {
      await notifier.serverDown(row, status);
    } else if (tell === 'back') {
      await notifier.serverBack(row, status);
    }
  }
}
