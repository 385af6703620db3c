import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { OperationListener } from '../operations/OperationListener';
import type { Notifier } from './Notifier';
import type { ServerEvents } from './ServerEvents';

/** Tells that operations begin and end: programs by events, and whoever asked for one that failed. */
export class OperationNews implements OperationListener {
  readonly #get: (id: string) => Promise<Operation | undefined>;
  readonly #events: Pick<ServerEvents, 'operation'>;
  readonly #notifier: Pick<Notifier, 'operationFailed'>;
  readonly #logger: LoggerService;

  constructor(options: {
    get: (id: string) => Promise<Operation | undefined>;
    events: Pick<ServerEvents, 'operation'>;
    notifier: Pick<Notifier, 'operationFailed'>;
    logger: LoggerService;
  }) {
    this.#get = options.get;
    this.#events = options.events;
    this.#notifier = options.notifier;
    this.#logger = options.logger;
  }

  accepted(id: string): void {
    void this.#tell(id, async operation =>
      this.#events.operation('operation-accepted', operation),
    );
  }

  ended(id: string): void {
    void this.#tell(id, async operation => {
      if (operation.state === 'failed') {
        await this.#notifier.operationFailed(operation);
      }
      await this.#events.operation('operation-ended', operation);
    });
  }

  async #tell(
    id: string,
    tell: (operation: Operation) => Promise<void>,
  ): Promise<void> {
    try {
      const operation = await this.#get(id);
      if (operation) {
        await tell(operation);
      }
    } catch (error) {
      this.#logger.warn(`Operation ${id} was not told of`, error as Error);
    }
  }
}
