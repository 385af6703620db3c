import { useSearchParams } from 'react-router-dom';
import type { SortColumn, Sorting } from './sortServers';

export interface DashboardFilters {
  q: string;
  owner: 'all' | 'mine';
  state: string;
  cluster: string;
  environment: string;
  sorting?: Sorting;
}

const COLUMNS: SortColumn[] = [
  'name',
  'state',
  'owner',
  'cluster',
  'environment',
  'changed',
];

/** Filters and sort order live in the URL, so that a view can be linked, reloaded and gone back to. */
export function useDashboardFilters() {
  const [params, setParams] = useSearchParams();
  const column = COLUMNS.find(name => name === params.get('sort'));
  const filters: DashboardFilters = {
    q: params.get('q') ?? '',
    owner: params.get('owner') === 'mine' ? 'mine' : 'all',
    state: params.get('state') ?? '',
    cluster: params.get('cluster') ?? '',
    environment: params.get('environment') ?? '',
    sorting: column && { column, descending: params.get('order') === 'desc' },
  };

  /** Empty values leave the URL. */
  const change = (
    values: Partial<
      Record<'q' | 'owner' | 'state' | 'cluster' | 'environment', string>
    >,
  ) =>
    setParams(
      old => {
        const next = new URLSearchParams(old);
        for (const [key, value] of Object.entries(values)) {
          if (value && !(key === 'owner' && value === 'all')) {
            next.set(key, value);
          } else {
            next.delete(key);
          }
        }
        return next;
      },
      { replace: true },
    );
  const sort = ({ column: by, descending }: Sorting) =>
    setParams(
      old => {
        const next = new URLSearchParams(old);
        next.set('sort', by);
        next.set('order', descending ? 'desc' : 'asc');
        return next;
      },
      { replace: true },
    );
  const clear = () =>
    change({ q: '', owner: '', state: '', cluster: '', environment: '' });
  const isFiltered = Boolean(
    filters.q ||
      filters.owner === 'mine' ||
      filters.state ||
      filters.cluster ||
      filters.environment,
  );
  return { filters, change, sort, clear, isFiltered };
}
