import { Skeleton, Text } from '@backstage/ui';
import type {
  Operation,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { DataTable } from '../components/DataTable';
import { LoadProblem } from '../components/LoadProblem';
import { OperationFailure } from '../components/OperationPanel';
import { RelativeTime } from '../components/RelativeTime';
import { Section } from '../components/Section';
import { StaleNotice } from '../components/StaleNotice';
import { useNow } from '../components/useNow';
import { useOperationTitle } from '../components/useOperationTitle';
import { useText } from '../useText';
import { Author } from './Author';
import { useOperations } from './useHistory';

/** Everything that was done with the server, newest first, with why it failed. */
export function OperationsSection({ server }: { server: ServerDetail }) {
  const t = useText();
  const live = useOperations(server);
  const operations = live.data?.items;
  return (
    <Section title={t('history.operations')}>
      <StaleNotice live={live} />
      {!operations && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!operations && !live.error && <Skeleton width="100%" height={120} />}
      {operations?.length === 0 && (
        <Text color="secondary">{t('history.noOperations')}</Text>
      )}
      {!!operations?.length && (
        <DataTable
          label={t('history.operations')}
          columns={(['what', 'when', 'who', 'result'] as const).map(id =>
            t(`history.column.${id}`),
          )}
          rows={operations.map(operation => ({
            id: operation.id,
            cells: [
              <Title operation={operation} />,
              <RelativeTime at={operation.createdAt} />,
              <Author author={operation.principal} />,
              <Result operation={operation} />,
            ],
          }))}
        />
      )}
    </Section>
  );
}

function Title({ operation }: { operation: Operation }) {
  return <>{useOperationTitle(operation, useNow(60_000)).what}</>;
}

function Result({ operation }: { operation: Operation }) {
  const { progress } = useOperationTitle(operation, useNow(60_000));
  return (
    <>
      {progress}
      {operation.cause && <Text color="secondary"> {operation.cause}</Text>}
      {operation.error && <OperationFailure error={operation.error} />}
    </>
  );
}
