import {
  FENCE_ANNOTATION,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ClusterConnection } from '../clusters/types';
import type { DesiredServer, ServerStatusService } from '../status/types';
import { OperationError } from './OperationError';

/** How long a failure has to last before it is believed. */
const FAILING_MS = 10_000;

/** The same where a node is tainted: one that the API server had not heard of takes pods again a minute later. */
const TAINTED_MS = 120_000;

/** Whether the live picture shows what was written under this fence, and the cluster has begun to act on it. */
function showsFence(
  cluster: ClusterConnection,
  server: DesiredServer,
  fence: number,
): boolean {
  const { deployment } = cluster.observe(server);
  return (
    Number(deployment?.metadata?.annotations?.[FENCE_ANNOTATION] ?? 0) >=
      fence &&
    (deployment?.status?.observedGeneration ?? 0) >=
      (deployment?.metadata?.generation ?? Infinity)
  );
}

/** While an operation is under way, `Degraded` means that new pods do not get up and former ones still serve. */
function isFailing(status: ServerStatus): boolean {
  return status.state === 'Failed' || status.state === 'Degraded';
}

/** Whether no node takes a pod for something that may pass by itself. */
function isTainted({ reason, message }: ServerStatus): boolean {
  return reason === 'Unschedulable' && /\btaint/.test(message);
}

/** Waits until the pods are as desired; throws an `OperationError` as soon as it is clear that they will not be. */
export async function waitForPods(options: {
  cluster: ClusterConnection;
  server: DesiredServer;
  statuses: ServerStatusService;
  /** Of the last write; what the picture shows from before that write says nothing. */
  fence: number;
  signal: AbortSignal;
  onStatus: (status: ServerStatus) => void;
  failingMs?: number;
}): Promise<ServerStatus> {
  const { cluster, server, statuses, fence, failingMs = FAILING_MS } = options;
  const goal = server.runState === 'stopped' ? 'Stopped' : 'Running';
  let failingSince: number | undefined;
  const status = await statuses.waitFor(
    server,
    now => {
      if (!showsFence(cluster, server, fence)) {
        failingSince = undefined;
        return false;
      }
      if (!isFailing(now)) {
        failingSince = undefined;
        return now.state === goal;
      }
      failingSince ??= performance.now();
      return (
        performance.now() - failingSince >=
        (isTainted(now) ? Math.max(failingMs, TAINTED_MS) : failingMs)
      );
    },
    {
      signal: options.signal,
      onStatus: now => {
        if (showsFence(cluster, server, fence)) {
          options.onStatus(now);
        }
      },
    },
  );
  if (status.state !== goal) {
    throw new OperationError({
      reason: status.reason,
      message: status.message,
      ...(status.hint && { hint: status.hint }),
      ...(status.stderr && { stderr: status.stderr }),
    });
  }
  return status;
}
