import type { LiveData } from '../api/useLiveData';
import { useText } from '../useText';
import { Notice } from './Notice';
import { RelativeTime } from './RelativeTime';

/** Says that the data on the page is old because reading it fails; nothing while all is well. */
export function StaleNotice({
  live,
}: {
  live: Pick<LiveData<unknown>, 'data' | 'error' | 'readAt'>;
}) {
  const t = useText();
  if (!live.error || live.data === undefined || live.readAt === undefined) {
    return null;
  }
  return (
    <Notice
      status="warning"
      title={t('live.lost', {
        since: <RelativeTime at={new Date(live.readAt).toISOString()} />,
      })}
    >
      {live.error.message}
    </Notice>
  );
}
