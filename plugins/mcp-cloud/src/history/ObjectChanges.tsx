import type { ObjectChange } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import styles from './HistoryView.module.css';

/** What becomes of the server's Kubernetes objects, one line each. */
export function ObjectChanges({ objects }: { objects: ObjectChange[] }) {
  const t = useText();
  return (
    <ul className={styles.list} aria-label={t('history.objects')}>
      {objects.map(({ kind, name, change, fields }) => (
        <li key={`${kind}/${name}`}>
          {t(`history.${change}`, { object: `${kind} ${name}` })}
          {fields.length > 0 &&
            ` (${fields.map(({ path }) => path).join(', ')})`}
        </li>
      ))}
    </ul>
  );
}
