import { Button, ButtonLink, Flex, Text } from '@backstage/ui';
import { useRouteRef } from '@backstage/core-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { isFinished, type Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useOperation, useServer } from '../api/useServer';
import { Notice } from '../components/Notice';
import { OperationFailure } from '../components/OperationPanel';
import { OperationSteps } from '../components/OperationSteps';
import { formatDuration } from '../components/format';
import { useNow } from '../components/useNow';
import { operationMs } from '../components/useOperationTitle';
import { serverRouteRef } from '../routes';
import { useText } from '../useText';
import styles from './deploy.module.css';

interface DeployProgressProps {
  operation: Operation;
  isChange: boolean;
  /** Going back to the form. */
  isPending: boolean;
  error?: Error;
  onEdit: () => void;
}

/** The deploy's steps as they happen, then what came of it. */
export function DeployProgress({
  operation: begun,
  isChange,
  isPending,
  error,
  onEdit,
}: DeployProgressProps) {
  const t = useText();
  const operation = useOperation(begun);
  const name = operation.serverName;
  return (
    <div className={styles.form}>
      <Text as="h2" variant="title-small" weight="bold">
        {t(isChange ? 'deploy.workingEdit' : 'deploy.working', { name })}
      </Text>
      <OperationSteps operation={operation} />
      {!isFinished(operation) && (
        <Text color="secondary">{t('deploy.leave')}</Text>
      )}
      {operation.state === 'succeeded' && <Success operation={operation} />}
      {isFinished(operation) && operation.state !== 'succeeded' && (
        <Notice
          status="danger"
          title={t('deploy.failed')}
          actions={
            <Button variant="primary" isPending={isPending} onPress={onEdit}>
              {t('deploy.editAndRetry')}
            </Button>
          }
        >
          {operation.error && <OperationFailure error={operation.error} />}
          {error?.message}
        </Notice>
      )}
      <Links
        name={name}
        isNew={!isChange}
        isDone={operation.state === 'succeeded'}
      />
    </div>
  );
}

function Success({ operation }: { operation: Operation }) {
  const t = useText();
  const now = useNow(60_000);
  const server = useServer(operation.serverName).data;
  const duration = formatDuration(operationMs(operation, now));
  const listed = server?.capabilities;
  const what = listed && [
    t('common.tools', { count: listed.tools.length }),
    t('common.prompts', { count: listed.prompts.length }),
    t('common.resources', { count: listed.resources.length }),
  ];
  return (
    <Notice
      status="success"
      title={
        what
          ? t('deploy.readyIn', { duration, what: what.join(', ') })
          : t('deploy.readyPlain', { duration })
      }
    />
  );
}

function Links({
  name,
  isNew,
  isDone,
}: {
  name: string;
  isNew: boolean;
  isDone: boolean;
}) {
  const t = useText();
  const serverPath = useRouteRef(serverRouteRef)({ name });
  const entityRoute = useRouteRef(entityRouteRef);
  const application = useServer(name).data?.application ?? name;
  return (
    <Flex gap="2" align="center" className={styles.links}>
      <ButtonLink href={serverPath} variant={isDone ? 'primary' : 'secondary'}>
        {t('deploy.open')}
      </ButtonLink>
      {isDone && (
        <>
          <ButtonLink href={`${serverPath}?view=connect`} variant="secondary">
            {t('deploy.connectClient')}
          </ButtonLink>
          <ButtonLink
            href={`${entityRoute({
              kind: 'component',
              namespace: 'default',
              name: application,
            })}/mcp-server`}
            variant="secondary"
          >
            {t('deploy.openCatalog')}
          </ButtonLink>
          {isNew && <Text color="secondary">{t('deploy.catalogSoon')}</Text>}
        </>
      )}
    </Flex>
  );
}
