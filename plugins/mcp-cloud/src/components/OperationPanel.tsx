import { type ReactNode, useState } from 'react';
import { Button, Flex, Text } from '@backstage/ui';
import { isFinished, type Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useOperation } from '../api/useServer';
import { useText } from '../useText';
import { Notice } from './Notice';
import { OperationSteps } from './OperationSteps';
import { Stderr } from './Stderr';
import { useNow } from './useNow';
import { useOperationTitle } from './useOperationTitle';

interface OperationPanelProps {
  operation: Operation;
  /** Says which server it is about; not needed on the page of that server. */
  withName?: boolean;
  /** Ends it, while it goes on. */
  cancel?: ReactNode;
  onDismiss?: () => void;
}

/** An operation with its steps while it runs, then its outcome, which stays until it is dismissed. */
export function OperationPanel({
  operation: begun,
  withName,
  cancel,
  onDismiss,
}: OperationPanelProps) {
  const t = useText();
  const operation = useOperation(begun);
  const over = isFinished(operation);
  const now = useNow(over ? 60_000 : 500);
  const { what, progress } = useOperationTitle(operation, now);
  const [open, setOpen] = useState<boolean>();
  // Steps are of interest while they go on and when one went wrong; else they can be unfolded.
  const showSteps = open ?? operation.state !== 'succeeded';
  const name = withName
    ? t('operation.of', { what, name: operation.serverName })
    : what;
  return (
    <Notice
      status={statusOf(operation)}
      isPending={!over}
      title={`${name} · ${progress}`}
      actions={
        <>
          <Button
            size="small"
            variant="tertiary"
            aria-expanded={showSteps}
            onPress={() => setOpen(!showSteps)}
          >
            {showSteps ? t('operation.hideSteps') : t('operation.showSteps')}
          </Button>
          {!over && cancel}
          {over && onDismiss && (
            <Button size="small" variant="secondary" onPress={onDismiss}>
              {t('common.dismiss')}
            </Button>
          )}
        </>
      }
    >
      {(showSteps || operation.error) && (
        <Flex direction="column" gap="2">
          {operation.error && <OperationFailure error={operation.error} />}
          {showSteps && <OperationSteps operation={operation} />}
        </Flex>
      )}
    </Notice>
  );
}

/** Why an operation failed: cause, what to do, and the pods' own words. */
export function OperationFailure({
  error,
}: {
  error: NonNullable<Operation['error']>;
}) {
  const t = useText();
  return (
    <Flex direction="column" gap="2">
      <Text>
        <strong>{error.reason}</strong>: {error.message}
      </Text>
      {error.hint && <Text>{error.hint}</Text>}
      {error.stderr?.length ? (
        <Stderr title={t('operation.stderr')} lines={error.stderr} />
      ) : null}
    </Flex>
  );
}

function statusOf(operation: Operation): 'info' | 'success' | 'danger' {
  if (operation.state === 'failed') {
    return 'danger';
  }
  return operation.state === 'succeeded' ? 'success' : 'info';
}
