import { OwnerLink } from '../components/OwnerLink';
import { useText } from '../useText';

/** Who made a change, by entity ref or as the platform itself. */
export function Author({ author }: { author: string }) {
  const t = useText();
  return author.startsWith('service:') ? (
    <span>{t('history.platform')}</span>
  ) : (
    <OwnerLink entityRef={author} kind="user" />
  );
}
