import { Button } from '@backstage/ui';
import { useText } from '../useText';
import { hasStatus } from '../api/useLiveData';
import { Notice } from './Notice';

/** Stands in for data that was never there: refused, not found, or an error with a way to try again. */
export function LoadProblem({
  error,
  onRetry,
}: {
  error: Error;
  onRetry: () => void;
}) {
  const t = useText();
  if (hasStatus(error, 403)) {
    return (
      <Notice status="warning" title={t('live.notAllowed')}>
        {t('live.notAllowedHint')}
      </Notice>
    );
  }
  if (hasStatus(error, 404)) {
    return (
      <Notice status="warning" title={t('live.notFound')}>
        {t('live.notFoundHint')}
      </Notice>
    );
  }
  return (
    <Notice
      status="danger"
      title={t('live.failed')}
      actions={
        <Button variant="secondary" onPress={onRetry}>
          {t('common.retry')}
        </Button>
      }
    >
      {error.message}
    </Notice>
  );
}
