import type { ServerState } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import styles from './StateLabel.module.css';

/** A server's state as a word with its colour; never the colour alone. */
export function StateLabel({ state }: { state: ServerState }) {
  const t = useText();
  return (
    <span className={styles.label} data-state={state}>
      <span className={styles.dot} aria-hidden="true" />
      {t(`state.${state}`)}
    </span>
  );
}
