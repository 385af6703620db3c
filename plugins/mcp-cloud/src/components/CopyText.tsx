import { CopyButton } from './CopyButton';
import styles from './CopyText.module.css';

/** A technical text in full, cut off where there is no room, with a button that copies all of it. */
export function CopyText({
  text,
  shown = text,
  what,
}: {
  text: string;
  shown?: string;
  what: string;
}) {
  return (
    <span className={styles.root}>
      <code className={styles.text} title={text}>
        {shown}
      </code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
