import type { Server, ServerState } from '@mcp-cloud/plugin-mcp-cloud-common';

export type SortColumn =
  | 'name'
  | 'state'
  | 'owner'
  | 'cluster'
  | 'environment'
  | 'changed';
export interface Sorting {
  column: SortColumn;
  descending: boolean;
}

/** How much a state needs a person, most first. What is on its way or at rest needs nobody. */
const URGENCY: Record<ServerState, number> = {
  Failed: 0,
  Degraded: 1,
  Unknown: 2,
  Deploying: 3,
  Deleting: 3,
  Running: 3,
  Stopped: 3,
};

const KEYS: Record<SortColumn, (server: Server) => string> = {
  name: server => server.name,
  state: server => `${URGENCY[server.status.state]} ${server.status.state}`,
  owner: server => server.owner,
  cluster: server => server.cluster,
  environment: server => server.environment,
  changed: server => server.updatedAt,
};

/** Sorts by a column, or, without one, what is wrong first, then mine, then by name. */
export function sortServers(
  servers: Server[],
  mine: string[],
  sorting?: Sorting,
): Server[] {
  const byName = (a: Server, b: Server) => a.name.localeCompare(b.name);
  if (!sorting) {
    const notMine = (server: Server) => (mine.includes(server.owner) ? 0 : 1);
    return [...servers].sort(
      (a, b) =>
        URGENCY[a.status.state] - URGENCY[b.status.state] ||
        notMine(a) - notMine(b) ||
        byName(a, b),
    );
  }
  const sign = sorting.descending ? -1 : 1;
  const value = KEYS[sorting.column];
  return [...servers].sort(
    (a, b) => sign * value(a).localeCompare(value(b)) || byName(a, b),
  );
}
