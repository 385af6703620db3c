import { InputError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  AuditEvent,
  AuditList,
  AuditQuery,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { AuditEventRow } from '../database/rows';
import { whereCriteria, type ServerFilter } from './ServerFilter';

/** Reads what `Audit` remembered, newest first, page by page. */
export class AuditQueries {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** With criteria: of servers that fulfil them, deleted ones included. */
  async list(
    query: AuditQuery & { limit: number },
    criteria?: PermissionCriteria<ServerFilter>,
  ): Promise<AuditList> {
    const found = this.#knex<AuditEventRow>('audit_events')
      .orderBy([
        { column: 'audit_events.at', order: 'desc' },
        { column: 'audit_events.id', order: 'desc' },
      ])
      .limit(query.limit + 1)
      .select('audit_events.*');
    const equal = {
      server_name: query.server,
      principal: query.principal,
      event: query.event,
      outcome: query.outcome,
    };
    for (const [column, value] of Object.entries(equal)) {
      if (value !== undefined) {
        found.andWhere(`audit_events.${column}`, value);
      }
    }
    if (query.since !== undefined) {
      found.andWhere('audit_events.at', '>=', query.since);
    }
    if (query.until !== undefined) {
      found.andWhere('audit_events.at', '<', query.until);
    }
    if (query.cursor !== undefined) {
      const { at, id } = readCursor(query.cursor);
      found.andWhere(after =>
        after
          .where('audit_events.at', '<', at)
          .orWhere(same =>
            same
              .where('audit_events.at', at)
              .andWhere('audit_events.id', '<', id),
          ),
      );
    }
    if (criteria) {
      found
        .join('servers', 'servers.id', 'audit_events.server_id')
        .andWhere(nested => whereCriteria(nested, criteria));
    }
    const rows: AuditEventRow[] = await found;
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: page.map(toEvent),
      ...(rows.length > page.length && last && { nextCursor: cursorOf(last) }),
    };
  }
}

function toEvent(row: AuditEventRow): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    event: row.event,
    outcome: row.outcome,
    principal: row.principal,
    ...(row.server_id !== null && { serverId: row.server_id }),
    ...(row.server_name !== null && { serverName: row.server_name }),
    ...(row.operation_id !== null && { operationId: row.operation_id }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}

function cursorOf({ at, id }: AuditEventRow): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

function readCursor(cursor: string): { at: string; id: string } {
  try {
    const [at, id] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (typeof at === 'string' && typeof id === 'string') {
      return { at, id };
    }
  } catch {
    // Said below.
  }
  throw new InputError(
    'cursor: This is not a cursor of this list. Start again without one.',
  );
}
