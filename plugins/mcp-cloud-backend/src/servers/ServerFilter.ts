import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import type { ServerRow } from '../database/rows';

/** What a permission rule asks of a server: that one of its columns holds one of these values. */
export interface ServerFilter {
  column: 'owner' | 'cluster' | 'namespace';
  values: string[];
}

/** Whether a server passes one filter. */
export function passesFilter(
  row: Pick<ServerRow, 'owner' | 'cluster' | 'namespace'>,
  filter: ServerFilter,
): boolean {
  return filter.values.includes(row[filter.column]);
}

/** Narrows a query to servers that fulfil the criteria. An empty `anyOf` lets nothing through. */
export function whereCriteria(
  query: Knex.QueryBuilder,
  criteria: PermissionCriteria<ServerFilter>,
): void {
  if ('allOf' in criteria) {
    for (const part of criteria.allOf) {
      query.andWhere(nested => whereCriteria(nested, part));
    }
  } else if ('anyOf' in criteria) {
    query.andWhere(outer => {
      for (const part of criteria.anyOf) {
        outer.orWhere(nested => whereCriteria(nested, part));
      }
    });
  } else if ('not' in criteria) {
    query.whereNot(nested => whereCriteria(nested, criteria.not));
  } else {
    query.whereIn(`servers.${criteria.column}`, criteria.values);
  }
}
