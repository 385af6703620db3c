import type { LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import { OperationStore } from '../operations/OperationStore';
import { ServerStore } from '../servers/ServerStore';
import type { ServerStatusService } from '../status/types';
import { Notifier } from './Notifier';
import { OperationNews } from './OperationNews';
import { ServerEvents } from './ServerEvents';
import { StateNews } from './StateNews';
import { StateStore } from './StateStore';

/** Puts what tells people and programs together. */
export function createNews(options: {
  knex: Knex;
  events: EventsService;
  notifications: NotificationService;
  statuses: ServerStatusService;
  downAfterMs: number;
  logger: LoggerService;
}) {
  const { knex, logger } = options;
  const store = new ServerStore(knex);
  const operations = new OperationStore(knex);
  const events = new ServerEvents({ ...options, store });
  const notifier = new Notifier(options);
  return {
    events,
    operationNews: new OperationNews({
      get: id => operations.get(id),
      events,
      notifier,
      logger,
    }),
    stateNews: new StateNews({
      ...options,
      store,
      operations,
      states: new StateStore(knex),
      events,
      notifier,
    }),
  };
}
