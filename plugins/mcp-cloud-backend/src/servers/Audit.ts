import { randomUUID } from 'node:crypto';
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import type { Knex } from 'knex';

/** Acts after which something is gone, or everything may be somewhere else. */
const HIGH = ['server-delete', 'backup-export', 'backup-import'];

/** What is to be remembered of one act. Never holds values of secrets or variables. */
export interface AuditedAct {
  /** In kebab-case, such as `server-create`. */
  event: string;
  principal: string;
  server?: { id?: string; name: string };
  request?: Request;
  /** Why the platform did it by itself. */
  reason?: string;
}

/** Remembers every change and every refusal: in the platform's audit log, and in a table of our own. */
export class Audit {
  readonly #knex: Knex;
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;

  constructor(options: {
    knex: Knex;
    auditor: AuditorService;
    logger: LoggerService;
  }) {
    this.#knex = options.knex;
    this.#auditor = options.auditor;
    this.#logger = options.logger;
  }

  /** Does a change and remembers how it went. */
  async change<T extends { id?: string; serverId?: string } | void>(
    act: AuditedAct,
    work: () => Promise<T>,
  ): Promise<T> {
    const event = await this.#begin(act);
    try {
      const result = await work();
      await event.success();
      await this.#insert(act, 'succeeded', {
        operationId: result?.id,
        serverId: result?.serverId,
      });
      return result;
    } catch (error) {
      await event.fail({ error: error as Error });
      await this.#insert(act, isRefusal(error) ? 'refused' : 'failed', {
        reason: (error as Error).message,
      });
      throw error;
    }
  }

  /** Does what is only worth remembering when it is refused. */
  async read<T>(act: AuditedAct, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) {
        await (await this.#begin(act)).fail({ error: error as Error });
        await this.#insert(act, 'refused', {
          reason: (error as Error).message,
        });
      }
      throw error;
    }
  }

  #begin({ event: eventId, principal, server, request }: AuditedAct) {
    return this.#auditor.createEvent({
      eventId,
      severityLevel: HIGH.includes(eventId) ? 'high' : 'medium',
      request,
      meta: {
        principal,
        ...(server && {
          serverName: server.name,
          ...(server.id && { serverId: server.id }),
        }),
      },
    });
  }

  async #insert(
    act: AuditedAct,
    outcome: 'succeeded' | 'refused' | 'failed',
    details: { operationId?: string; serverId?: string; reason?: string },
  ): Promise<void> {
    try {
      await this.#knex('audit_events').insert({
        id: randomUUID(),
        at: new Date().toISOString(),
        event: act.event,
        outcome,
        principal: act.principal,
        // One that is made gets its id only now.
        server_id: act.server?.id ?? details.serverId ?? null,
        // What is refused may be of any length.
        server_name: act.server?.name.slice(0, 40) ?? null,
        operation_id: details.operationId ?? null,
        reason: (details.reason ?? act.reason)?.slice(0, 2_000) ?? null,
      });
    } catch (error) {
      // What was done is done: to fail now would tell the caller something wrong.
      this.#logger.error(
        `The audit event ${act.event} of ${act.principal} was not stored`,
        error as Error,
      );
    }
  }
}

function isRefusal(error: unknown): boolean {
  return [
    'NotAllowedError',
    'AuthenticationError',
    'QuotaExceededError',
  ].includes((error as Error).name);
}
