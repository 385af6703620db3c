import { useNow } from './useNow';
import { formatAgo } from './format';

/** "2 min. ago", with the exact time on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(10_000);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {/* The browser's clock may be behind the backend's: nothing happened in the future. */}
      {formatAgo(Math.min(Date.parse(at), now), now)}
    </time>
  );
}
