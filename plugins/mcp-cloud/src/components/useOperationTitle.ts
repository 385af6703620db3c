import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import { formatDuration } from './format';

/** What an operation does, and how far it is, in words. */
export function useOperationTitle(
  operation: Operation,
  now: number,
): { what: string; progress: string } {
  const t = useText();
  return {
    what: describe(operation, t),
    progress: progressOf(operation, t, now),
  };
}

type Translate = ReturnType<typeof useText>;

function describe(
  { kind, revision, replicas, cluster, principal }: Operation,
  t: Translate,
): string {
  if (kind === 'deploy' && revision !== undefined) {
    return t('operation.deployRevision', { revision: String(revision) });
  }
  if (kind === 'rollback' && revision !== undefined) {
    return t(
      principal.startsWith('service:')
        ? 'operation.automaticRollback'
        : 'operation.rollbackRevision',
      { revision: String(revision) },
    );
  }
  if (kind === 'scale' && replicas !== undefined) {
    return t('operation.scaleTo', { replicas: String(replicas) });
  }
  if (kind === 'move' && cluster !== undefined) {
    return t('operation.moveTo', { cluster });
  }
  return t(`operation.kind.${kind}`);
}

function progressOf(operation: Operation, t: Translate, now: number): string {
  if (operation.state === 'queued') {
    return t('operation.queued');
  }
  return t(`operation.${operation.state}`, {
    duration: formatDuration(operationMs(operation, now)),
  });
}

/** How long an operation took, or has taken until now. */
export function operationMs(operation: Operation, now: number): number {
  const end = operation.finishedAt ? Date.parse(operation.finishedAt) : now;
  return end - Date.parse(operation.startedAt ?? operation.createdAt);
}
