import { Button, SearchField, Select, Switch } from '@backstage/ui';
import type { PodView } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import type { LogSource } from './useLogStream';
import styles from './LogsView.module.css';

const ALL = 'all';
const TAILS = [100, 500, 2_000];

interface LogToolbarProps {
  pods: PodView[];
  source: LogSource;
  onSource: (source: LogSource) => void;
  filter: string;
  onFilter: (filter: string) => void;
  isPaused: boolean;
  onPause: (isPaused: boolean) => void;
  onClear: () => void;
}

/** Which log, from where, and which of its lines. */
export function LogToolbar(props: LogToolbarProps) {
  const t = useText();
  const { source, onSource } = props;
  const names = props.pods.map(pod => pod.name);
  // A pod that is gone stays chosen: its log may be what one came for.
  const podNames =
    source.pod && !names.includes(source.pod) ? [...names, source.pod] : names;
  return (
    <div className={styles.toolbar}>
      <Select
        className={styles.pod}
        aria-label={t('logs.pod')}
        value={source.pod ?? ALL}
        onChange={pod =>
          onSource({ ...source, pod: pod === ALL ? undefined : String(pod) })
        }
        options={[
          { value: ALL, label: t('logs.allPods') },
          ...podNames.map(name => ({ value: name, label: name })),
        ]}
      />
      <Select
        aria-label={t('logs.tail')}
        value={String(source.tailLines)}
        onChange={lines => onSource({ ...source, tailLines: Number(lines) })}
        options={TAILS.map(count => ({
          value: String(count),
          label: t('logs.tailLines', { n: String(count) }),
        }))}
      />
      <Switch
        label={t('logs.previous')}
        isSelected={source.previous}
        onChange={previous => onSource({ ...source, previous })}
      />
      <SearchField
        className={styles.filter}
        aria-label={t('logs.filter')}
        placeholder={t('logs.filterPlaceholder')}
        value={props.filter}
        onChange={props.onFilter}
      />
      <Button
        variant="secondary"
        onPress={() => props.onPause(!props.isPaused)}
        isDisabled={source.previous}
      >
        {t(props.isPaused ? 'logs.resume' : 'logs.pause')}
      </Button>
      <Button variant="secondary" onPress={props.onClear}>
        {t('logs.clear')}
      </Button>
    </div>
  );
}
