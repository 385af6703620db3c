import { useEffect, useRef, useState } from 'react';
import { SearchField, Select } from '@backstage/ui';
import { useClusters } from '../api/useChoices';
import { useText } from '../useText';
import type { useDashboardFilters } from './useDashboardFilters';
import styles from './ServerFilters.module.css';

const ANY = 'any';
const STATES = [
  'Running',
  'Degraded',
  'Failed',
  'Deploying',
  'Stopped',
  'Deleting',
  'Unknown',
] as const;

type Filters = ReturnType<typeof useDashboardFilters>;

/** Search and filters above the table. */
export function ServerFilters({
  filters,
  change,
  environments,
}: Pick<Filters, 'filters' | 'change'> & { environments: string[] }) {
  const t = useText();
  const clusters = useClusters().data ?? [];
  const pick = (key: 'state' | 'cluster' | 'environment') => (value: unknown) =>
    change({ [key]: value === ANY ? '' : String(value) });
  return (
    <div className={styles.filters} role="search">
      <Search value={filters.q} onChange={q => change({ q })} />
      <Select
        aria-label={t('dashboard.owner')}
        value={filters.owner}
        onChange={value => change({ owner: String(value) })}
        options={[
          { value: 'all', label: t('dashboard.ownerAll') },
          { value: 'mine', label: t('dashboard.ownerMine') },
        ]}
      />
      <Select
        aria-label={t('dashboard.state')}
        value={filters.state || ANY}
        onChange={pick('state')}
        options={[
          { value: ANY, label: t('dashboard.anyState') },
          ...STATES.map(state => ({
            value: state,
            label: t(`state.${state}`),
          })),
        ]}
      />
      <Select
        aria-label={t('dashboard.cluster')}
        value={filters.cluster || ANY}
        onChange={pick('cluster')}
        options={[
          { value: ANY, label: t('dashboard.anyCluster') },
          ...withChosen(
            clusters.map(({ name, title }) => ({ value: name, label: title })),
            filters.cluster,
          ),
        ]}
      />
      <Select
        aria-label={t('dashboard.environment')}
        value={filters.environment || ANY}
        onChange={pick('environment')}
        options={[
          { value: ANY, label: t('dashboard.anyEnvironment') },
          ...withChosen(
            environments.map(name => ({ value: name, label: name })),
            filters.environment,
          ),
        ]}
      />
    </div>
  );
}

/** A value from a link stays choosable, also while (or because) the list does not hold it. */
function withChosen(
  options: Array<{ value: string; label: string }>,
  chosen: string,
) {
  return !chosen || options.some(({ value }) => value === chosen)
    ? options
    : [...options, { value: chosen, label: chosen }];
}

const TYPING_PAUSE_MS = 250;

/** Tells of a new text when the typing pauses, not at each key. */
function Search({
  value,
  onChange,
}: {
  value: string;
  onChange: (value: string) => void;
}) {
  const t = useText();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  // The URL changed by other means, such as "Clear filters".
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === told.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      told.current = text;
      tell.current(text);
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <SearchField
      className={styles.search}
      aria-label={t('dashboard.search')}
      placeholder={t('dashboard.searchPlaceholder')}
      value={text}
      onChange={setText}
    />
  );
}
