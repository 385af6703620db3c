import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { CONTAINER } from './names';

export const VERTICAL_AUTOSCALER_API = 'autoscaling.k8s.io/v1';

const UPDATE_MODES = {
  recommend: 'Off',
  initial: 'Initial',
  recreate: 'Recreate',
} as const;

/**
 * What advises on the server's requests, or sets them. Limits are never changed: how many sessions a pod takes is told
 * to its bridge by the memory limit. A bridge beside the server needs no more than it has.
 */
export function verticalAutoscalerSpec(
  deployment: string,
  { mode, min, max }: NonNullable<ServerSpec['verticalScaling']>,
) {
  return {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
    updatePolicy: { updateMode: UPDATE_MODES[mode] },
    resourcePolicy: {
      containerPolicies: [
        {
          containerName: CONTAINER,
          controlledValues: 'RequestsOnly',
          ...(min && { minAllowed: min }),
          ...(max && { maxAllowed: max }),
        },
        { containerName: '*', mode: 'Off' },
      ],
    },
  };
}
