import { Skeleton, Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useEvents } from '../api/useServer';
import { LoadProblem } from '../components/LoadProblem';
import { RelativeTime } from '../components/RelativeTime';
import { Section } from '../components/Section';
import { StaleNotice } from '../components/StaleNotice';
import { useText } from '../useText';
import styles from './EventsSection.module.css';

const SHOWN = 20;

/** What the cluster tells of the server's objects, newest first. */
export function EventsSection({ server }: { server: ServerDetail }) {
  const t = useText();
  const live = useEvents(server.name, server.id);
  const events =
    live.data &&
    [...live.data.items]
      .sort((a, b) => b.lastAt.localeCompare(a.lastAt))
      .slice(0, SHOWN);
  return (
    <Section title={t('events.title')}>
      <StaleNotice live={live} />
      {!events && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!events && !live.error && <Skeleton width="100%" height={80} />}
      {events?.length === 0 && (
        <Text color="secondary">{t('events.empty')}</Text>
      )}
      {!!events?.length && (
        <ul className={styles.events}>
          {events.map(event => (
            <li
              key={`${event.object.kind}/${event.object.name}/${event.reason}/${event.lastAt}/${event.message}`}
            >
              <span className={styles.head}>
                <RelativeTime at={event.lastAt} />
                {event.type === 'Warning' ? (
                  <strong>
                    <span className={styles.sign} aria-hidden="true">
                      ▲{' '}
                    </span>
                    {t('events.warning', { reason: event.reason })}
                  </strong>
                ) : (
                  <strong>{event.reason}</strong>
                )}
                {event.count > 1 && <span>×{event.count}</span>}
                <span className={styles.object}>
                  {event.object.kind} {event.object.name}
                </span>
              </span>
              <span>{event.message}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
