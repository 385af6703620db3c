import { useApi } from '@backstage/core-plugin-api';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { useLiveData } from '../api/useLiveData';

/** The revisions of a server, live. */
export function useRevisions({ name, id }: Server) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['revisions', name], () => api.listRevisions(name), {
    concerns: changed => changed === id,
    throttleMs: 500,
  });
}

/** The operations of a server, live. */
export function useOperations({ name, id }: Server) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['operations', name], () => api.listOperations(name), {
    concerns: changed => changed === id,
    throttleMs: 500,
  });
}

/** What differs in a revision from another one. Neither ever changes, so this is read once. */
export function useDiff({ name }: Server, to: number, against: number) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(
    ['diff', name, to, against],
    () => api.diffRevision(name, to, { against }),
    { pollMs: 0 },
  );
}

/** What promoting the newest revision would do to another server now; nothing without one. */
export function usePromotionPreview({ name, revision }: Server, to?: string) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(
    to === undefined ? null : ['promotion', name, revision, to],
    () => api.previewChange(name, { action: 'promote', to: to!, revision }),
    { pollMs: 0 },
  );
}

/** What a rollback would do now. */
export function useRollbackPreview({ name }: Server, revision: number) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(
    ['preview', name, revision],
    () => api.previewChange(name, { action: 'rollback', revision }),
    { pollMs: 0 },
  );
}
