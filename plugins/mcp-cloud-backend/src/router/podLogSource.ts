import type { PodLogs } from '../logs';
import type { LogSource } from './LogSource';

/** Logs as the API server gives them. */
export function podLogSource(logs: PodLogs): LogSource {
  return {
    tail: ({ cluster, row }, query, signal) =>
      logs.tail(cluster, row, query, signal),
    follow: ({ cluster, row }, query, signal) =>
      logs.follow(cluster, row, query, signal),
  };
}
