import { Fragment } from 'react';
import { Text } from '@backstage/ui';
import type { FieldChange } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import styles from './HistoryView.module.css';

/** Fields that differ, with what was there and what is there instead. */
export function FieldChanges({
  changes,
  label,
}: {
  changes: FieldChange[];
  label: string;
}) {
  const t = useText();
  if (!changes.length) {
    return <Text color="secondary">{t('history.noChanges')}</Text>;
  }
  return (
    <dl className={styles.changes} aria-label={label}>
      {changes.map(({ path, before, after }) => (
        <Fragment key={path}>
          <dt>
            <code>{path}</code>
          </dt>
          <dd>
            <Value sign="−" what={t('history.before')} value={before} />
          </dd>
          <dd>
            <Value sign="+" what={t('history.after')} value={after} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Value({
  sign,
  what,
  value,
}: {
  sign: string;
  what: string;
  value: FieldChange['before'];
}) {
  if (value === undefined) {
    return null;
  }
  const text =
    typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return <pre aria-label={what}>{`${sign} ${text}`}</pre>;
}
