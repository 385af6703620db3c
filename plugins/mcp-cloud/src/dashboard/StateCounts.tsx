import type {
  ServerList,
  ServerState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ToggleButton } from '@backstage/ui';
import { StateLabel } from '../components/StateLabel';
import { useText } from '../useText';
import styles from './StateCounts.module.css';

const ORDER: ServerState[] = [
  'Failed',
  'Degraded',
  'Unknown',
  'Deploying',
  'Deleting',
  'Running',
  'Stopped',
];

interface StateCountsProps {
  counts: ServerList['counts'];
  chosen: string;
  onChoose: (state: string) => void;
}

/** How many servers are in which state; a press shows just those, another one all again. */
export function StateCounts({ counts, chosen, onChoose }: StateCountsProps) {
  const t = useText();
  const states = ORDER.filter(state => counts[state] || state === chosen);
  return (
    <div
      className={styles.counts}
      role="group"
      aria-label={t('dashboard.counts')}
    >
      {states.map(state => (
        <ToggleButton
          key={state}
          isSelected={state === chosen}
          onChange={on => onChoose(on ? state : '')}
        >
          <span className={styles.count}>{counts[state] ?? 0}</span>{' '}
          <StateLabel state={state} />
        </ToggleButton>
      ))}
    </div>
  );
}
