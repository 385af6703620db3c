import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import type { KubeObject } from '../clusters/types';

/** Names of the Secrets that pods take images and variables from. */
export function secretsOf(objects: KubeObject[]): string[] {
  const names = objects.flatMap(({ kind, spec }) => {
    if (kind !== 'Deployment') {
      return [];
    }
    const { template } = spec as { template: V1PodTemplateSpec };
    return [
      ...(template.spec?.imagePullSecrets ?? []).map(({ name }) => name),
      ...(template.spec?.containers ?? []).flatMap(({ env = [] }) =>
        env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ),
    ];
  });
  return [...new Set(names.filter(name => name !== undefined))];
}
