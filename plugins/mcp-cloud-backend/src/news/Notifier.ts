import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  Operation,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import { oneLine } from '../status/plainWords';

const TOPIC = 'mcp-cloud';

/**
 * Tells people by Backstage's notifications, where the portal has them. What has the same scope replaces what was said
 * before. Never fails: what cannot be told is not told later.
 */
export class Notifier {
  readonly #notifications: NotificationService;
  readonly #logger: LoggerService;

  constructor(options: {
    notifications: NotificationService;
    logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#logger = options.logger;
  }

  /** To the person who asked for it; what the platform or a service began is told to nobody. */
  async operationFailed(operation: Operation): Promise<void> {
    const { id, kind, serverName, principal, error } = operation;
    if (!principal.startsWith('user:')) {
      return;
    }
    await this.#send(principal, {
      title: `${serverName}: ${kind} failed`,
      description: describe(error),
      link: linkTo(serverName),
      severity: 'high',
      scope: `mcp-cloud:operation:${id}`,
    });
  }

  /** To the owner. */
  async serverDown(server: ServerRow, status: ServerStatus): Promise<void> {
    await this.#send(server.owner, {
      title: `${server.name} is ${status.state.toLowerCase()}`,
      description: describe(status),
      link: linkTo(server.name),
      severity: status.state === 'Failed' ? 'critical' : 'high',
      scope: scopeOf(server),
    });
  }

  /** To the owner, in place of what was said before. */
  async serverBack(server: ServerRow, status: ServerStatus): Promise<void> {
    await this.#send(server.owner, {
      title: `${server.name} is running again`,
      description: status.message,
      link: linkTo(server.name),
      severity: 'normal',
      scope: scopeOf(server),
    });
  }

  async #send(
    entityRef: string,
    payload: Parameters<NotificationService['send']>[0]['payload'],
  ): Promise<void> {
    try {
      await this.#notifications.send({
        recipients: { type: 'entity', entityRef },
        payload: { ...payload, topic: TOPIC },
      });
    } catch (error) {
      const { message } = error as Error;
      // That is what a portal without the notifications plugin answers.
      if (!/status 404/.test(message)) {
        this.#logger.warn(`"${payload.title}" was not told: ${message}`);
      }
    }
  }
}

function describe(
  what: { message: string; hint?: string } | undefined,
): string | undefined {
  return (
    what && oneLine([what.message, what.hint].filter(Boolean).join(' '), 1000)
  );
}

/** The pages of `@mcp-cloud/plugin-mcp-cloud`. */
function linkTo(name: string): string {
  return `/mcp-cloud/servers/${name}`;
}

function scopeOf({ id }: ServerRow): string {
  return `mcp-cloud:server:${id}`;
}
