import { Skeleton, Text } from '@backstage/ui';
import type { Preview } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { LiveData } from '../api/useLiveData';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { useText } from '../useText';
import { FieldChanges } from './FieldChanges';
import { ObjectChanges } from './ObjectChanges';

/** What a change would do: warnings first, then the Spec, then the objects. */
export function PreviewSummary({
  live: { data: preview, error, refresh },
}: {
  live: Pick<LiveData<Preview>, 'data' | 'error' | 'refresh'>;
}) {
  const t = useText();
  if (!preview) {
    return error ? (
      <LoadProblem error={error} onRetry={() => refresh()} />
    ) : (
      <Skeleton width="100%" height={80} />
    );
  }
  return (
    <>
      {preview.warnings.map(({ reason, message }) => (
        <Notice
          key={message}
          status={reason === 'Refused' ? 'danger' : 'warning'}
          title={message}
        />
      ))}
      <FieldChanges changes={preview.spec} label={t('history.specChanges')} />
      {preview.objects.length > 0 && (
        <>
          <Text>{t('history.objects')}</Text>
          <ObjectChanges objects={preview.objects} />
        </>
      )}
    </>
  );
}
