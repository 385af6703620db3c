import { InputError } from '@backstage/errors';
import type {
  ServerState,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';

/** What lists can be sorted by. */
export const SORTS = [
  'name',
  'createdAt',
  'updatedAt',
  'owner',
  'state',
] as const;
export type ServerSort = (typeof SORTS)[number];

/** A server with its status of this moment. */
export interface Listed {
  row: ServerRow;
  status: ServerStatus;
}

interface Position {
  sort: string;
  key: string;
  name: string;
}

/** Sorts, and cuts out the page after the cursor. A cursor names a place, not a number, so changes shift nothing. */
export function listPage(
  all: Listed[],
  options: {
    state?: string;
    sort: ServerSort;
    descending: boolean;
    cursor?: string;
    limit: number;
  },
): {
  page: Listed[];
  total: number;
  nextCursor?: string;
  counts: Partial<Record<ServerState, number>>;
} {
  const counts: Partial<Record<ServerState, number>> = {};
  for (const { status } of all) {
    counts[status.state] = (counts[status.state] ?? 0) + 1;
  }
  const sortName = `${options.descending ? '-' : ''}${options.sort}`;
  const direction = options.descending ? -1 : 1;
  const placeOf = (listed: Listed): Position => ({
    sort: sortName,
    key: keyOf(listed, options.sort),
    name: listed.row.name,
  });
  const compare = (a: Position, b: Position) =>
    direction * (order(a.key, b.key) || order(a.name, b.name));

  const matching = all
    .filter(({ status }) => !options.state || status.state === options.state)
    .map(listed => ({ listed, place: placeOf(listed) }))
    .sort((a, b) => compare(a.place, b.place));
  const after = options.cursor && readCursor(options.cursor, sortName);
  const rest = after
    ? matching.filter(({ place }) => compare(place, after) > 0)
    : matching;
  const page = rest.slice(0, options.limit);
  return {
    page: page.map(({ listed }) => listed),
    total: matching.length,
    counts,
    ...(rest.length > page.length && {
      nextCursor: writeCursor(page[page.length - 1].place),
    }),
  };
}

function keyOf({ row, status }: Listed, sort: ServerSort): string {
  switch (sort) {
    case 'createdAt':
      return row.created_at;
    case 'updatedAt':
      return row.updated_at;
    case 'owner':
      return row.owner;
    case 'state':
      return status.state;
    default:
      return row.name;
  }
}

function order(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

function writeCursor(place: Position): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readCursor(cursor: string, sort: string): Position {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      typeof place.key === 'string' &&
      typeof place.name === 'string' &&
      place.sort === sort
    ) {
      return place;
    }
  } catch {
    // Said below.
  }
  throw new InputError(
    'cursor: This is not a cursor of this list. Start again without one.',
  );
}
