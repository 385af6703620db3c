import type { V2HorizontalPodAutoscalerSpec } from '@kubernetes/client-node';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What scales a Deployment by the load on its pods, within the Spec's bounds. */
export function autoscalerSpec(
  deployment: string,
  { min, max, targets }: NonNullable<ServerSpec['scaling']>,
): V2HorizontalPodAutoscalerSpec {
  const resources = (['cpu', 'memory'] as const).filter(
    name => targets[name] !== undefined,
  );
  return {
    scaleTargetRef: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: deployment,
    },
    minReplicas: min,
    maxReplicas: max,
    metrics: resources.map(name => ({
      type: 'Resource',
      resource: {
        name,
        target: { type: 'Utilization', averageUtilization: targets[name] },
      },
    })),
  };
}
