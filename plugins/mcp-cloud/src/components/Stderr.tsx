import { useId } from 'react';
import { Text } from '@backstage/ui';
import styles from './Stderr.module.css';

/** Lines that a server wrote, as they are. */
export function Stderr({ title, lines }: { title: string; lines: string[] }) {
  const id = useId();
  return (
    <div className={styles.root}>
      <Text as="h4" variant="body-small" weight="bold" id={id}>
        {title}
      </Text>
      {/* Scrolls, so it has to be reachable by keyboard. */}
      <pre
        className={styles.lines}
        role="region"
        aria-labelledby={id}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {lines.join('\n')}
      </pre>
    </div>
  );
}
