import { Flex, Skeleton, VisuallyHidden } from '@backstage/ui';
import { useText } from '../useText';

const ROWS = Array.from({ length: 6 }, (_, row) => row);

/** Keeps the room of the table while it loads. */
export function DashboardSkeleton() {
  const t = useText();
  return (
    <div role="status">
      <VisuallyHidden>{t('common.loading')}</VisuallyHidden>
      <Flex direction="column" gap="3" aria-hidden="true">
        <Skeleton height={40} width="100%" />
        {ROWS.map(row => (
          <Skeleton key={row} height={52} width="100%" />
        ))}
      </Flex>
    </div>
  );
}
