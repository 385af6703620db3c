import {
  BRIDGE_USER,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { BRIDGE_CONTAINER, CONTAINER } from '../names';
import { serverImage } from '../serverImage';
import { serverUser } from '../serverUser';
import { serverVolumes } from '../serverVolumes';
import type { PlatformSettings, RenderInput } from '../types';
import {
  bridgeEnv,
  bridgeMounts,
  bridgePorts,
  bridgeProbes,
  bridgeVolumes,
  commandArgs,
  hardened,
  serverEnv,
  serverResources,
  type Layout,
} from './parts';

/** Where the bridge's image has the agent, and where the server's container finds it. */
const AGENT_SOURCE = '/opt/mcp-cloud/mcp-agent';
const AGENT_DIRECTORY = '/mcp-cloud';
const AGENT = `${AGENT_DIRECTORY}/mcp-agent`;
/** The only thing that both containers can write to. */
const SOCKET_DIRECTORY = '/run/mcp-cloud';
const SOCKET = `${SOCKET_DIRECTORY}/agent.sock`;

/** The bridge relays and holds no more than its limits allow; children's memory is the server container's. */
export const BRIDGE_RESOURCES = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { memory: '256Mi' },
};

/**
 * Two containers: the server's image as it is, with the agent as its first process, and the bridge with a user,
 * memory and Secrets of its own. On SIGTERM the agent stays until the bridge has finished what runs.
 */
export function sidecar(
  input: RenderInput,
  platform: PlatformSettings,
): Layout {
  const { spec } = input;
  const { mounts, volumes } = serverVolumes(spec);
  const image = bridgeImage(platform, spec);
  const asBridge = userContext(BRIDGE_USER);
  const socketMount = { name: 'socket', mountPath: SOCKET_DIRECTORY };
  return {
    initContainers: [
      {
        name: 'agent',
        image,
        command: [AGENT_SOURCE, '--install', AGENT],
        resources: BRIDGE_RESOURCES,
        securityContext: asBridge,
        volumeMounts: [{ name: 'agent', mountPath: AGENT_DIRECTORY }],
      },
    ],
    containers: [
      {
        name: CONTAINER,
        image: serverImage(input),
        command: [AGENT, '--socket', SOCKET, '--uid', String(BRIDGE_USER)],
        ...(spec.workingDir ? { workingDir: spec.workingDir } : {}),
        env: serverEnv(input),
        resources: serverResources(spec),
        securityContext: userContext(serverUser(input)),
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: 'agent', mountPath: AGENT_DIRECTORY, readOnly: true },
          socketMount,
          ...mounts,
        ],
      },
      {
        name: BRIDGE_CONTAINER,
        image,
        args: commandArgs(input),
        env: [...bridgeEnv(input), { name: 'MCP_BRIDGE_AGENT', value: SOCKET }],
        ports: bridgePorts,
        resources: BRIDGE_RESOURCES,
        ...bridgeProbes(input),
        securityContext: asBridge,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [...bridgeMounts, socketMount],
      },
    ],
    volumes: [
      ...bridgeVolumes(spec.name),
      { name: 'agent', emptyDir: { sizeLimit: '16Mi' } },
      { name: 'socket', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ...volumes,
    ],
  };
}

function userContext(user: number) {
  return { ...hardened, runAsUser: user, runAsGroup: user };
}

/** The platform's bridge image, with another tag when the Spec asks for a version. @throws Error when there is none */
function bridgeImage(
  { bridgeImage: image }: PlatformSettings,
  { bridge: { version } }: ServerSpec,
): string {
  if (!image) {
    throw new Error(
      'A bridge beside the image needs mcpCloud.images.bridgeImage in the configuration.',
    );
  }
  return version
    ? `${image.replace(/(:[^:/@]+)?(@.*)?$/, '')}:${version}`
    : image;
}
