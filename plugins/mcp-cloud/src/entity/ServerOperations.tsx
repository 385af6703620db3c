import { useState } from 'react';
import { Button, Flex, Text } from '@backstage/ui';
import {
  isFinished,
  type Operation,
  type Server,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { CancelOperation } from '../actions/CancelOperation';
import { useOperation } from '../api/useServer';
import { OperationPanel } from '../components/OperationPanel';
import { OperationSteps } from '../components/OperationSteps';
import { useNow } from '../components/useNow';
import { useOperationTitle } from '../components/useOperationTitle';
import { useText } from '../useText';
import { useSeenOperation } from './useSeenOperation';

/** A good outcome that someone else brought about is news for this long only. */
const NEWS_MS = 10 * 60_000;

/** What runs now or ran last: at large until it is dismissed, then as a line. */
export function ServerOperations({
  server,
  started,
}: {
  server: Server;
  started: Operation[];
}) {
  const t = useText();
  const now = useNow(30_000);
  const { seen, markSeen } = useSeenOperation(server.id);
  // The newest begun here may be ahead of the server's own, which is read again a moment later.
  const begun = started[0];
  const current =
    begun &&
    (!server.operation || begun.createdAt >= server.operation.createdAt)
      ? begun
      : server.operation;
  if (!current) {
    return null;
  }
  const isNews =
    current.id === begun?.id ||
    !isFinished(current) ||
    current.state === 'failed' ||
    now - Date.parse(current.finishedAt ?? current.createdAt) < NEWS_MS;
  return (
    <section aria-label={t('operation.region')}>
      {isNews && seen !== current.id ? (
        <OperationPanel
          key={current.id}
          operation={current}
          cancel={<CancelOperation operation={current} server={server} />}
          onDismiss={() => markSeen(current.id)}
        />
      ) : (
        <LastOperation key={current.id} operation={current} />
      )}
    </section>
  );
}

function LastOperation({ operation: begun }: { operation: Operation }) {
  const t = useText();
  const operation = useOperation(begun);
  const now = useNow(60_000);
  const [open, setOpen] = useState(false);
  const { what, progress } = useOperationTitle(operation, now);
  return (
    <Flex direction="column" gap="2">
      <Flex align="center" gap="2">
        <Text color="secondary">{`${t(
          'operation.last',
        )}: ${what} · ${progress}`}</Text>
        <Button
          size="small"
          variant="tertiary"
          aria-expanded={open}
          onPress={() => setOpen(!open)}
        >
          {open ? t('operation.hideSteps') : t('operation.showSteps')}
        </Button>
      </Flex>
      {open && <OperationSteps operation={operation} />}
    </Flex>
  );
}
