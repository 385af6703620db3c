import {
  KUBERNETES_ID,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { PlatformSettings } from './types';

export const POD_MONITOR_API = 'monitoring.coreos.com/v1';

/** Whether a server has a PodMonitor. */
export function wantsPodMonitor(
  spec: ServerSpec,
  { podMonitor }: Pick<PlatformSettings, 'podMonitor'>,
): boolean {
  return spec.podMonitor ?? podMonitor?.everyServer ?? false;
}

/** Where Prometheus finds the metrics of the bridges of the pods with these labels. */
export function podMonitorSpec(
  matchLabels: Record<string, string>,
  { podMonitor }: Pick<PlatformSettings, 'podMonitor'>,
) {
  const { interval } = podMonitor ?? {};
  return {
    selector: { matchLabels },
    podTargetLabels: ['app.kubernetes.io/instance', KUBERNETES_ID],
    podMetricsEndpoints: [
      { port: 'admin', path: '/metrics', ...(interval && { interval }) },
    ],
  };
}
