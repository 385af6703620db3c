import {
  serverSpecSchema,
  type Capabilities,
  type Operation,
  type PodView,
  type Server,
  type ServerDetail,
  type ServerSpecInput,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';

const MINUTE = 60_000;

/** A time so many ms before now. */
export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

export const RUNNING: ServerStatus = {
  state: 'Running',
  reason: 'AllPodsReady',
  message: 'All 3 pods are ready.',
  pods: { desired: 3, ready: 3, total: 3 },
  version: 7,
};

export const DEGRADED: ServerStatus = {
  state: 'Degraded',
  reason: 'ImagePullFailed',
  message: '1 of 3 pods: the image was not found in the registry.',
  hint: 'Check the image’s name and tag, then deploy again.',
  pods: { desired: 3, ready: 2, total: 3 },
  stderr: [
    'Error: Cannot find module "left-pad"',
    '    at Module._resolveFilename (node:internal/modules)',
  ],
  version: 8,
};

export const STOPPED: ServerStatus = {
  state: 'Stopped',
  reason: 'StoppedByUser',
  message: 'Stopped. It has no pods until it is started.',
  pods: { desired: 0, ready: 0, total: 0 },
  version: 3,
};

export const CAPABILITIES: Capabilities = {
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'everything', version: '1.4.0' },
  tools: [
    'echo',
    'add',
    'longRunningOperation',
    'sampleLLM',
    'getTinyImage',
  ].map(name => ({
    name,
    description: `The tool ${name}`,
  })),
  prompts: [{ name: 'simple_prompt' }, { name: 'complex_prompt' }],
  resources: [{ uri: 'test://static/1', name: 'Resource 1' }],
  listedAt: ago(2 * 60 * MINUTE),
  revision: 7,
};

export function operation(values: Partial<Operation> = {}): Operation {
  return {
    id: 'operation-1',
    serverId: 'id-everything',
    serverName: 'everything',
    kind: 'restart',
    state: 'running',
    principal: 'user:default/ana',
    steps: [
      { name: 'accepted', state: 'succeeded' },
      {
        name: 'apply',
        state: 'succeeded',
        startedAt: ago(3_000),
        finishedAt: ago(2_600),
      },
      {
        name: 'pods',
        state: 'running',
        message: 'image pulling',
        startedAt: ago(2_600),
      },
      { name: 'handshake', state: 'pending' },
    ],
    createdAt: ago(3_000),
    startedAt: ago(3_000),
    ...values,
  };
}

/** The same operation, ended well. */
export function succeeded(begun: Operation): Operation {
  return {
    ...begun,
    state: 'succeeded',
    finishedAt: new Date(
      Date.parse(begun.startedAt ?? begun.createdAt) + 5_200,
    ).toISOString(),
    steps: begun.steps.map(step => ({
      ...step,
      state: 'succeeded',
      message: undefined,
    })),
  };
}

export function failed(begun: Operation): Operation {
  return {
    ...succeeded(begun),
    state: 'failed',
    steps: begun.steps.map(step =>
      step.name === 'pods' ? { ...step, state: 'failed' } : step,
    ),
    error: {
      reason: 'ChildExited',
      message: 'The server’s process ended with exit code 1.',
      hint: 'Read what it wrote, mend the command or a variable, and deploy again.',
      stderr: ['Error: API_URL is not set'],
    },
  };
}

export function server(
  values: Partial<Server> & { spec?: Partial<ServerSpecInput> } = {},
): ServerDetail {
  const { spec: specValues, ...rest } = values;
  const name = rest.name ?? 'everything';
  const spec = serverSpecSchema.parse({
    name,
    application: rest.application,
    environment: rest.environment ?? 'staging',
    owner: rest.owner ?? 'group:default/team-a',
    cluster: rest.cluster ?? 'dev-1',
    image: rest.image ?? 'registry.example.com/team-a/everything:1.4',
    ...specValues,
  });
  return {
    id: `id-${name}`,
    name,
    application: name,
    environment: spec.environment,
    owner: spec.owner,
    cluster: spec.cluster,
    namespace: 'mcp-team-a',
    image: spec.image,
    runState: 'running',
    replicas: 3,
    revision: 7,
    etag: '"7"',
    createdAt: ago(86_400_000),
    createdBy: 'user:default/ana',
    updatedAt: ago(2 * 60 * MINUTE),
    status: RUNNING,
    allowed: ['read', 'update', 'delete', 'operate', 'logs', 'secrets', 'call'],
    spec,
    revisionInfo: {
      author: 'user:default/ana',
      createdAt: ago(2 * 60 * MINUTE),
      message: 'raise memory',
    },
    endpoints: {
      portal: `http://localhost:7007/api/mcp-cloud/servers/${name}/mcp`,
      service: `http://mcp-${name}.mcp-team-a.svc:8080/mcp`,
    },
    capabilities: CAPABILITIES,
    ...rest,
  };
}

export function pod(values: Partial<PodView> = {}): PodView {
  const name = values.name ?? 'mcp-everything-7c9f-x2x';
  return {
    name,
    uid: `uid-${name}`,
    state: 'Running',
    ready: true,
    restarts: 0,
    createdAt: ago(3 * 60 * MINUTE),
    node: 'node-1',
    revision: 7,
    containers: [],
    cpuMillicores: 12,
    memoryBytes: 84 * 1024 * 1024,
    memoryLimitBytes: 512 * 1024 * 1024,
    ...values,
  };
}
