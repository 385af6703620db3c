import { createHash } from 'node:crypto';
import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import {
  BRIDGE_USER,
  FILES_HASH_ANNOTATION,
  objectName,
  RESTARTED_AT_ANNOTATION,
  SERVER_ID_LABEL,
  TEMPLATE_HASH_ANNOTATION,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { DRAIN_SECONDS } from './bridgeConfig';
import { baked } from './layouts/baked';
import { sidecar } from './layouts/sidecar';
import { placement } from './placement';
import { serverUser } from './serverUser';
import { filesData, hasClaims } from './serverVolumes';
import type { PlatformSettings, RenderInput } from './types';

/**
 * What pods are made from. Its hash stands in an annotation; everything that must not roll pods (the revision's
 * number, the bridge's configuration) is kept out of here.
 */
export function podTemplate(
  input: RenderInput,
  platform: PlatformSettings,
  labels: Record<string, string>,
): V1PodTemplateSpec {
  const { spec } = input;
  const { volumes, ...containers } =
    spec.bridge.mode === 'sidecar' ? sidecar(input, platform) : baked(input);
  const user = spec.runAsUser ?? BRIDGE_USER;
  const files = filesData(spec);
  const selector = { [SERVER_ID_LABEL]: input.id };
  const template: V1PodTemplateSpec = {
    metadata: {
      labels,
      annotations: {
        ...(input.restartedAt
          ? { [RESTARTED_AT_ANNOTATION]: input.restartedAt }
          : {}),
        // Files reach a running pod not at all, as each has a mount of its own.
        ...(files ? { [FILES_HASH_ANNOTATION]: hashOf(files) } : {}),
      },
    },
    spec: {
      serviceAccountName: spec.serviceAccount ?? objectName(spec.name),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: DRAIN_SECONDS + 15,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        // So that what is in a claim can be read and written.
        ...(hasClaims(spec) ? { fsGroup: serverUser(input) } : {}),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(spec.imagePullSecrets.length
        ? {
            imagePullSecrets: [...new Set(spec.imagePullSecrets)].map(name => ({
              name,
            })),
          }
        : {}),
      ...placement(spec.placement, selector),
      ...containers,
      volumes,
    },
  };
  template.metadata!.annotations![TEMPLATE_HASH_ANNOTATION] = hashOf(template);
  return template;
}

function hashOf(value: object): string {
  return createHash('sha256')
    .update(JSON.stringify(value))
    .digest('hex')
    .slice(0, 16);
}
