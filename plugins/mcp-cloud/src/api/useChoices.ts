import { useApi } from '@backstage/core-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import useSWR from 'swr';
import { mcpCloudApiRef } from './mcpCloudApi';

/** The clusters that servers can run on, with their state. */
export function useClusters() {
  const api = useApi(mcpCloudApiRef);
  return useSWR(
    ['mcp-cloud', 'clusters'],
    async () => (await api.listClusters()).items,
    { keepPreviousData: true },
  );
}

export interface EntityChoice {
  ref: string;
  title: string;
}

/** Entities of the catalog to choose from, by reference. */
export function useEntityChoices(kind: 'Group' | 'System') {
  const catalog = useApi(catalogApiRef);
  return useSWR<EntityChoice[], Error>(
    ['mcp-cloud', 'entities', kind],
    async () => {
      const { items } = await catalog.getEntities({
        filter: { kind },
        fields: [
          'kind',
          'metadata.namespace',
          'metadata.name',
          'metadata.title',
          'spec.profile.displayName',
        ],
      });
      return items.map(entity => ({
        ref: stringifyEntityRef(entity),
        title: entity.metadata.title ?? entity.metadata.name,
      }));
    },
  );
}
