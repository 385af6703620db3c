import type { V1PodSpec } from '@kubernetes/client-node';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';

const HOST = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** Which nodes the pods with these labels run on. */
export function placement(
  {
    zones,
    nodeSelector,
    tolerations,
    spreadHosts = 'prefer',
    spreadZones = 'off',
  }: ServerSpec['placement'],
  matchLabels: Record<string, string>,
): Partial<V1PodSpec> {
  const constraints = [
    { topologyKey: HOST, spread: spreadHosts },
    { topologyKey: ZONE, spread: spreadZones },
  ].filter(({ spread }) => spread !== 'off');
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations?.length && { tolerations }),
    ...(zones && {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: ZONE, operator: 'In', values: zones },
                ],
              },
            ],
          },
        },
      },
    }),
    ...(constraints.length && {
      topologySpreadConstraints: constraints.map(({ topologyKey, spread }) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable:
          spread === 'require' ? 'DoNotSchedule' : 'ScheduleAnyway',
        labelSelector: { matchLabels },
      })),
    }),
  };
}
