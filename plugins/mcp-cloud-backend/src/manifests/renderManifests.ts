import {
  applicationOf,
  KUBERNETES_ID,
  MANAGED_BY,
  objectName,
  REVISION_ANNOTATION,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { autoscalerSpec } from './autoscaler';
import { bridgeConfig } from './bridgeConfig';
import { exposureObject } from './exposure';
import { inOrder } from './inOrder';
import { labelValue } from './labelValue';
import {
  ADMIN_PORT,
  filesName,
  MCP_PORT,
  PEERS_PORT,
  peersName,
  publicName,
  sharedSecretName,
  tlsSecretName,
} from './names';
import { networkPolicy } from './networkPolicy';
import { POD_MONITOR_API, podMonitorSpec, wantsPodMonitor } from './podMonitor';
import { podTemplate } from './podTemplate';
import { filesData } from './serverVolumes';
import type { PlatformSettings, RenderInput } from './types';
import {
  VERTICAL_AUTOSCALER_API,
  verticalAutoscalerSpec,
} from './verticalAutoscaler';

/** Seconds without progress after which Kubernetes calls a rollout stuck. */
const PROGRESS_DEADLINE_SECONDS = 300;
/** Old ReplicaSets that are kept; revisions live in the database, so these only tell which pod is of which. */
const REVISION_HISTORY = 2;

/**
 * All objects of a server, in the order in which they are to be applied. Pure and total: the same input gives the
 * same bytes, and every valid Spec gives objects. Secrets are only referred to; their values are not in the input.
 */
export function renderManifests(
  given: RenderInput,
  platform: PlatformSettings,
): KubeObject[] {
  const input = { ...given, spec: inOrder(given.spec) };
  const { spec } = input;
  const main = objectName(spec.name);
  const labels = labelsOf(input);
  const files = filesData(spec);
  // A stopped server has none, which would start it again.
  const scaling = input.replicas > 0 ? spec.scaling : undefined;
  const selector = { [SERVER_ID_LABEL]: input.id };
  const metadata = (name: string) => ({
    name,
    namespace: platform.namespace,
    labels,
  });
  const ports = [
    { name: 'mcp', port: MCP_PORT, targetPort: 'mcp', protocol: 'TCP' },
    { name: 'admin', port: ADMIN_PORT, targetPort: 'admin', protocol: 'TCP' },
  ];

  const objects: KubeObject[] = [
    ...(spec.serviceAccount
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: metadata(main),
            automountServiceAccountToken: false,
          },
        ]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata(main),
      data: { 'bridge.yaml': bridgeConfig(input, platform) },
    },
    ...(files
      ? [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: metadata(filesName(spec.name)),
            data: files,
          },
        ]
      : []),
    // Without a value: whoever creates it makes one up, and nobody ever changes it.
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(sharedSecretName(spec.name)),
      type: 'Opaque',
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata(main),
      spec: networkPolicy(spec, selector, platform.network),
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(main),
      spec: { type: 'ClusterIP', selector, ports },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(peersName(spec.name)),
      spec: {
        type: 'ClusterIP',
        clusterIP: 'None',
        // A pod that ends still has sessions to be passed on to it.
        publishNotReadyAddresses: true,
        selector,
        ports: [
          ...ports,
          {
            name: 'peers',
            port: PEERS_PORT,
            targetPort: 'peers',
            protocol: 'TCP',
          },
        ],
      },
    },
    ...(spec.service.type === 'LoadBalancer'
      ? [
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: metadata(publicName(spec.name)),
            spec: {
              type: 'LoadBalancer',
              selector,
              ports: ports.filter(({ name }) => name === 'mcp'),
            },
          },
        ]
      : []),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(main),
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        ...metadata(main),
        annotations: { [REVISION_ANNOTATION]: String(input.revision) },
      },
      spec: {
        // Without it the autoscaler says how many there are.
        ...(scaling ? {} : { replicas: input.replicas }),
        revisionHistoryLimit: REVISION_HISTORY,
        progressDeadlineSeconds: PROGRESS_DEADLINE_SECONDS,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        },
        selector: { matchLabels: selector },
        template: podTemplate(input, platform, labels),
      },
    },
    ...(spec.exposure
      ? [
          exposureObject(
            metadata(main),
            tlsSecretName(spec.name),
            spec.exposure,
            platform.exposure ?? {},
          ),
        ]
      : []),
    ...(scaling
      ? [
          {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: metadata(main),
            spec: autoscalerSpec(main, scaling),
          },
        ]
      : []),
    ...(spec.verticalScaling
      ? [
          {
            apiVersion: VERTICAL_AUTOSCALER_API,
            kind: 'VerticalPodAutoscaler',
            metadata: metadata(main),
            spec: verticalAutoscalerSpec(main, spec.verticalScaling),
          },
        ]
      : []),
    ...(wantsPodMonitor(spec, platform)
      ? [
          {
            apiVersion: POD_MONITOR_API,
            kind: 'PodMonitor',
            metadata: {
              ...metadata(main),
              labels: { ...platform.podMonitor?.labels, ...labels },
            },
            spec: podMonitorSpec(selector, platform),
          },
        ]
      : []),
  ];
  const without: string[] = platform.without ?? [];
  return objects.filter(({ kind }) => !without.includes(kind));
}

function labelsOf(input: RenderInput): Record<string, string> {
  const { spec } = input;
  const application = applicationOf(spec);
  const version = labelValue(imageVersion(spec.image));
  return {
    ...spec.labels,
    'app.kubernetes.io/name': application,
    'app.kubernetes.io/instance': objectName(spec.name),
    'app.kubernetes.io/managed-by': MANAGED_BY,
    ...(version ? { 'app.kubernetes.io/version': version } : {}),
    [KUBERNETES_ID]: application,
    [SERVER_ID_LABEL]: input.id,
  };
}

/** Tag of an image, or else the beginning of its digest, or else `latest`. */
function imageVersion(image: string): string {
  const [name, digest] = image.split('@');
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag ?? digest?.replace('sha256:', '').slice(0, 12) ?? 'latest';
}
