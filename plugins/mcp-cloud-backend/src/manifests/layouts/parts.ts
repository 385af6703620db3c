import type {
  V1EnvVar,
  V1PodSpec,
  V1Probe,
  V1SecurityContext,
} from '@kubernetes/client-node';
import {
  objectName,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { literal } from '../literal';
import {
  ADMIN_PORT,
  MCP_PORT,
  PEERS_PORT,
  secretName,
  SHARED_SECRET_KEY,
  sharedSecretName,
} from '../names';
import type { RenderInput } from '../types';

/** What differs between pods with the bridge in the image and pods with the bridge beside it. */
export type Layout = Pick<V1PodSpec, 'initContainers' | 'containers'> & {
  volumes: NonNullable<V1PodSpec['volumes']>;
};

const CONFIG_DIRECTORY = '/etc/mcp-cloud';
const SECRET_DIRECTORY = '/etc/mcp-cloud-secret';
/** Timings of probes that a Spec does not set; a server has ten minutes until it is ready for the first time. */
const PROBES = {
  startup: { periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 600 },
  readiness: { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
  liveness: { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
};

export const bridgePorts = [
  { name: 'mcp', containerPort: MCP_PORT, protocol: 'TCP' },
  { name: 'admin', containerPort: ADMIN_PORT, protocol: 'TCP' },
  { name: 'peers', containerPort: PEERS_PORT, protocol: 'TCP' },
];

export function bridgeProbes({ spec: { probes } }: RenderInput) {
  return {
    startupProbe: probe('/ready', { ...PROBES.startup, ...probes.startup }),
    readinessProbe: probe('/ready', {
      ...PROBES.readiness,
      ...probes.readiness,
    }),
    livenessProbe: probe('/health', { ...PROBES.liveness, ...probes.liveness }),
  };
}

const ALWAYS: V1EnvVar[] = [
  { name: 'MCP_BRIDGE_CONFIG', value: `${CONFIG_DIRECTORY}/bridge.yaml` },
  {
    name: 'MCP_BRIDGE_SECRET_FILE',
    value: `${SECRET_DIRECTORY}/${SHARED_SECRET_KEY}`,
  },
  fromPod('MCP_BRIDGE_POD_UID', 'metadata.uid'),
  fromPod('MCP_BRIDGE_POD_IP', 'status.podIP'),
];

/** Besides what stands in its configuration: what is settled when a bridge starts. */
export function bridgeEnv({ spec: { transport } }: RenderInput): V1EnvVar[] {
  return [
    ...ALWAYS,
    ...(transport.type === 'http'
      ? [
          {
            name: 'MCP_BRIDGE_UPSTREAM',
            value: `http://127.0.0.1:${transport.port}${transport.path}`,
          },
        ]
      : []),
  ];
}

export const bridgeMounts = [
  // A directory and no subPath: only so does a change of the ConfigMap reach the running pod.
  { name: 'bridge', mountPath: CONFIG_DIRECTORY, readOnly: true },
  { name: 'secret', mountPath: SECRET_DIRECTORY, readOnly: true },
];

export function bridgeVolumes(server: string): Layout['volumes'] {
  return [
    { name: 'bridge', configMap: { name: objectName(server) } },
    { name: 'secret', secret: { secretName: sharedSecretName(server) } },
  ];
}

/** The Spec's variables, and references to those that stand elsewhere. */
export function serverEnv({ spec, secretVersion }: RenderInput): V1EnvVar[] {
  const plain = Object.entries(spec.env).map(([name, value]) => ({
    name,
    value: literal(value),
  }));
  const elsewhere = Object.entries(spec.envFrom).map(
    ([name, { secret, configMap, key }]) => ({
      name,
      valueFrom: secret
        ? { secretKeyRef: { name: secret, key } }
        : { configMapKeyRef: { name: configMap, key } },
    }),
  );
  if (secretVersion === undefined) {
    return [...plain, ...elsewhere];
  }
  const secret = [...spec.secrets].sort().map(name => ({
    name,
    valueFrom: {
      secretKeyRef: { name: secretName(spec.name, secretVersion), key: name },
    },
  }));
  return [...plain, ...elsewhere, ...secret];
}

/** What the bridge is to run: the Spec's command, or for a bridge that is not in the image the image's own. */
export function commandArgs({ spec, image }: RenderInput): string[] {
  const command = spec.command.length
    ? [...spec.command, ...spec.args]
    : image?.command ?? [];
  return command.map(literal);
}

/** The Spec's CPU and memory. */
export function serverResources(spec: Pick<ServerSpec, 'resources'>) {
  const { requests, limits } = spec.resources;
  return {
    requests: { cpu: requests.cpu, memory: requests.memory },
    limits: {
      ...(limits.cpu ? { cpu: limits.cpu } : {}),
      memory: limits.memory,
    },
  };
}

/** As Pod Security `restricted` wants every container to be. */
export const hardened: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

function fromPod(name: string, fieldPath: string): V1EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

function probe(
  path: string,
  timing: Pick<
    V1Probe,
    'periodSeconds' | 'timeoutSeconds' | 'failureThreshold'
  >,
): V1Probe {
  return { httpGet: { path, port: 'admin' }, ...timing };
}
