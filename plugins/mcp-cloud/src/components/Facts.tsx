import type { ReactNode } from 'react';
import styles from './Facts.module.css';

/** Names and values; entries without a value are left out. */
export function Facts({
  items,
}: {
  items: Array<{ label: string; value?: ReactNode }>;
}) {
  return (
    <dl className={styles.facts}>
      {items
        .filter(
          ({ value }) => value !== undefined && value !== null && value !== '',
        )
        .map(({ label, value }) => (
          <div key={label} className={styles.fact}>
            <dt className={styles.label}>{label}</dt>
            <dd className={styles.value}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
