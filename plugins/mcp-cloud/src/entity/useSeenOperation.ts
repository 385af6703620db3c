import { useState } from 'react';
import { storageApiRef, useApi } from '@backstage/core-plugin-api';

/** Remembers, per server, the operation whose outcome the person has put away. */
export function useSeenOperation(serverId: string) {
  const bucket = useApi(storageApiRef).forBucket('mcp-cloud-seen-operations');
  const [seen, setSeen] = useState(
    () => bucket.snapshot<string>(serverId).value,
  );
  const markSeen = (operationId: string) => {
    setSeen(operationId);
    bucket.set(serverId, operationId);
  };
  return { seen, markSeen };
}
