import type {
  V1Deployment,
  V1ResourceRequirements,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type {
  QuotaAmounts,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { serverResources } from '../manifests/layouts/parts';
import { BRIDGE_RESOURCES } from '../manifests/layouts/sidecar';
import { toBytes, toMillicores } from '../manifests/quantity';
import type { OperationTarget } from '../operations/OperationTarget';
import { NOTHING } from './amounts';

/**
 * What a server takes that is to be so. Of a bridge beside the server its part counts too. The pod that a rollout
 * has on top for a while does not count: else whoever has used all could change nothing any more.
 */
export function footprintOf(
  target: Pick<OperationTarget, 'replicas' | 'runState' | 'scaling'>,
  spec: Pick<ServerSpec, 'resources' | 'bridge'>,
): QuotaAmounts {
  const running = target.scaling?.max ?? target.replicas;
  return inAll(target.runState === 'stopped' ? 0 : running, [
    serverResources(spec),
    ...(spec.bridge.mode === 'sidecar' ? [BRIDGE_RESOURCES] : []),
  ]);
}

/** What a server takes by the objects that were applied of it. */
export function footprintOfObjects(objects: KubeObject[]): QuotaAmounts {
  const find = <T>(kind: string) =>
    objects.find(object => object.kind === kind) as T | undefined;
  const deployment = find<V1Deployment>('Deployment');
  const autoscaler = find<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler');
  return deployment
    ? inAll(
        autoscaler?.spec?.maxReplicas ?? deployment.spec?.replicas ?? 0,
        deployment.spec?.template?.spec?.containers.map(
          ({ resources }) => resources ?? {},
        ) ?? [],
      )
    : NOTHING;
}

function inAll(
  replicas: number,
  containers: V1ResourceRequirements[],
): QuotaAmounts {
  const sum = (of: (container: V1ResourceRequirements) => number) =>
    replicas * containers.reduce((all, one) => all + of(one), 0);
  return {
    servers: 1,
    replicas,
    cpuMillicores: sum(({ requests }) => toMillicores(requests?.cpu ?? '0')),
    memoryBytes: sum(({ limits }) => toBytes(limits?.memory ?? '0')),
  };
}
