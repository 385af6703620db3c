import { useLayoutEffect, useRef, useState } from 'react';
import { Button } from '@backstage/ui';
import { RiArrowDownLine } from '@remixicon/react';
import { useText } from '../useText';
import type { NumberedLine } from './logBuffer';
import styles from './LogLines.module.css';

interface LogLinesProps {
  lines: NumberedLine[];
  filter: string;
  withPod: boolean;
  empty: string;
}

/** How far from the end still counts as "at the end", in pixels. */
const NEAR_END = 24;

/** The lines. Stays at the newest until someone scrolls up, and again after "Jump to newest". */
export function LogLines({ lines, filter, withPod, empty }: LogLinesProps) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);

  useLayoutEffect(() => {
    if (isAtEnd && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines, isAtEnd]);

  const onScroll = () => {
    if (box.current) {
      const { scrollHeight, scrollTop, clientHeight } = box.current;
      setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_END);
    }
  };
  return (
    <div className={styles.frame}>
      {/* A log region is not announced line by line: a busy server would never let a screen reader speak. */}
      <div
        ref={box}
        className={styles.box}
        role="log"
        aria-live="off"
        aria-label={t('logs.region')}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.length === 0 && <p className={styles.empty}>{empty}</p>}
        {lines.map(line => (
          <div key={line.number} className={styles.line}>
            {line.at && (
              <time dateTime={line.at} className={styles.meta}>
                {timeOf(line.at)}
              </time>
            )}
            {withPod && (
              <span className={styles.meta} title={line.pod}>
                {shortPod(line.pod)}
              </span>
            )}
            <span className={styles.text}>
              <Marked text={line.text} filter={filter} />
            </span>
          </div>
        ))}
      </div>
      {!isAtEnd && (
        <Button
          className={styles.jump}
          variant="primary"
          size="small"
          iconStart={<RiArrowDownLine aria-hidden="true" />}
          onPress={() => setAtEnd(true)}
        >
          {t('logs.jump')}
        </Button>
      )}
    </div>
  );
}

/** Every place where the filter's text stands, marked. */
function Marked({ text, filter }: { text: string; filter: string }) {
  if (!filter) {
    return <>{text}</>;
  }
  const parts: JSX.Element[] = [];
  const lower = text.toLowerCase();
  const wanted = filter.toLowerCase();
  let from = 0;
  for (
    let at = lower.indexOf(wanted);
    at >= 0;
    at = lower.indexOf(wanted, from)
  ) {
    parts.push(<span key={from}>{text.slice(from, at)}</span>);
    parts.push(
      <mark key={`mark-${at}`}>{text.slice(at, at + wanted.length)}</mark>,
    );
    from = at + wanted.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}

/** `12:34:56.789`, in the reader's time zone. */
function timeOf(at: string): string {
  const date = new Date(at);
  return `${date.toLocaleTimeString('en-GB')}.${String(
    date.getMilliseconds(),
  ).padStart(3, '0')}`;
}

/** The last part of a pod's name, which is what differs between the pods of one server. */
function shortPod(pod: string): string {
  return pod.slice(pod.lastIndexOf('-') + 1);
}
