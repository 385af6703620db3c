import { useApi } from '@backstage/core-plugin-api';
import type {
  ListServersQuery,
  Server,
  ServerList,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { type McpCloudApi, mcpCloudApiRef } from './mcpCloudApi';
import { useLiveData } from './useLiveData';

/** Servers that a page holds at most; beyond, it asks for a narrower filter. */
export const MAX_LISTED = 1_000;
const PAGE_SIZE = 100;

/** The servers that a query finds, all pages together: what is wrong comes first only if all are known. */
export function useServers(query: ListServersQuery | null) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(
    query && ['servers', query],
    () => readAll(api, query ?? {}),
    {
      concerns: () => true,
      throttleMs: 500,
    },
  );
}

async function readAll(
  api: McpCloudApi,
  query: ListServersQuery,
): Promise<ServerList> {
  const items: Server[] = [];
  let page: ServerList;
  let cursor: string | undefined;
  do {
    page = await api.listServers({ ...query, limit: PAGE_SIZE, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && items.length < MAX_LISTED);
  return { ...page, items };
}
