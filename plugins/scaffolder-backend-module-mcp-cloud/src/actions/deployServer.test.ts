import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import {
  McpCloudClient,
  type Operation,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { createDeployServerAction } from './deployServer';

const operation = (change: Partial<Operation> = {}): Operation => ({
  id: 'op-1',
  serverId: 'id-1',
  serverName: 'my-tools',
  kind: 'deploy',
  state: 'running',
  principal: 'user:default/alice',
  steps: [],
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});

const spec = {
  name: 'my-tools',
  owner: 'group:default/team-a',
  image: 'r.example.com/my-tools:1',
};

/** A backend that answers from a table, to a real client. */
function setUp(
  answers: Record<string, () => { status?: number; body: unknown }>,
) {
  const requests: Array<{
    route: string;
    token: string | null;
    body?: unknown;
    ifMatch: string | null;
  }> = [];
  const fetchApi: { fetch: typeof fetch } = {
    fetch: async (url, init) => {
      const route = `${init?.method} ${String(url).replace(
        'http://backend/api/mcp-cloud',
        '',
      )}`;
      const headers = new Headers(init?.headers);
      requests.push({
        route,
        token: headers.get('authorization'),
        ifMatch: headers.get('if-match'),
        body:
          typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
      });
      const { status = 200, body } = answers[route]?.() ?? {
        status: 404,
        body: { error: { name: 'NotFoundError', message: 'not here' } },
      };
      const full =
        status < 400
          ? body
          : { ...(body as object), response: { statusCode: status } };
      return new Response(JSON.stringify(full), {
        status,
        headers: { 'Content-Type': 'application/json' },
      });
    },
  };
  const client = new McpCloudClient({
    discoveryApi: { getBaseUrl: async () => 'http://backend/api/mcp-cloud' },
    fetchApi,
  });
  return {
    requests,
    action: createDeployServerAction({
      auth: mockServices.auth(),
      client,
      pollMs: 1,
    }),
  };
}

const clusters = () => ({ body: { items: [{ name: 'dev' }] } });
const accepted = () => ({ status: 202, body: { operation: operation() } });
const server = () => ({
  body: {
    name: 'my-tools',
    etag: 'e7',
    endpoints: {
      portal: 'https://portal/api/mcp-cloud/servers/my-tools/mcp',
      service: 'x',
    },
    capabilities: { tools: [{ name: 'greet' }] },
  },
});
type Context = Parameters<
  ReturnType<typeof createDeployServerAction>['handler']
>[0];
const context = (input: object = {}, more: Partial<Context> = {}): Context => ({
  ...(createMockActionContext() as Context),
  input: { spec, ...input } as Context['input'],
  getInitiatorCredentials: async () =>
    mockCredentials.user('user:default/alice'),
  ...more,
});

describe('mcp-cloud:server:deploy', () => {
  it('deploys to the only cluster as the person who started the task, waits, and tells the steps once each', async () => {
    const states = [
      operation({ steps: [{ name: 'apply', state: 'running' }] }),
      operation({
        steps: [
          { name: 'apply', state: 'succeeded' },
          { name: 'pods', state: 'running', message: 'image pulling (1 s)' },
        ],
      }),
      operation({
        steps: [
          { name: 'apply', state: 'succeeded' },
          { name: 'pods', state: 'running', message: 'image pulling (2 s)' },
        ],
      }),
      operation({
        state: 'succeeded',
        steps: [
          { name: 'apply', state: 'succeeded' },
          { name: 'pods', state: 'succeeded' },
        ],
      }),
    ];
    const { action, requests } = setUp({
      'GET /clusters': clusters,
      'POST /servers': accepted,
      'GET /operations/op-1': () => ({ body: states.shift() }),
      'GET /servers/my-tools': server,
    });
    const ctx = context();
    const info = jest.spyOn(ctx.logger, 'info');
    await action.handler(ctx);

    const create = requests.find(({ route }) => route === 'POST /servers');
    expect(create?.body).toMatchObject({
      spec: { ...spec, cluster: 'dev', environment: 'default' },
      replicas: 1,
    });
    for (const { token } of requests) {
      expect(token).toContain('user:default/alice');
    }
    expect(info.mock.calls.map(([line]) => String(line))).toEqual([
      'Deploying my-tools to dev (operation op-1)',
      'apply: running',
      'apply: succeeded',
      'pods: running, image pulling (1 s)',
      'pods: succeeded',
      'my-tools serves the tools greet at https://portal/api/mcp-cloud/servers/my-tools/mcp',
    ]);
    expect(ctx.output).toHaveBeenCalledWith('serverName', 'my-tools');
    expect(ctx.output).toHaveBeenCalledWith(
      'entityRef',
      'component:default/my-tools',
    );
    expect(ctx.output).toHaveBeenCalledWith(
      'url',
      'https://portal/api/mcp-cloud/servers/my-tools/mcp',
    );
    expect(ctx.output).toHaveBeenCalledWith(
      'page',
      '/mcp-cloud/servers/my-tools',
    );
  });

  it('fails with reason, hint and stderr', async () => {
    const { action } = setUp({
      'POST /servers': accepted,
      'GET /operations/op-1': () => ({
        body: operation({
          state: 'failed',
          steps: [{ name: 'pods', state: 'failed' }],
          error: {
            reason: 'CrashLoop',
            message: 'The server ends at once.',
            hint: 'Look at its log.',
            stderr: ['Error: no API_KEY'],
          },
        }),
      }),
    });
    await expect(
      action.handler(context({ spec: { ...spec, cluster: 'dev' } })),
    ).rejects.toThrow(
      'Deploying my-tools failed at the step pods: The server ends at once. (CrashLoop)\nWhat to do: Look at its log.\nThe server wrote to stderr:\n  Error: no API_KEY',
    );
  });

  it("passes on the backend's refusal", async () => {
    const { action } = setUp({
      'POST /servers': () => ({
        status: 409,
        body: {
          error: { name: 'ConflictError', message: 'my-tools exists already' },
        },
      }),
    });
    await expect(
      action.handler(context({ spec: { ...spec, cluster: 'dev' } })),
    ).rejects.toThrow('my-tools cannot be deployed: my-tools exists already');
  });

  it('deploys a new revision of what is there, when that is asked for', async () => {
    const done = () => ({ body: operation({ state: 'succeeded' }) });
    const { action, requests } = setUp({
      'GET /servers/my-tools': server,
      'PUT /servers/my-tools': accepted,
      'GET /operations/op-1': done,
    });
    await action.handler(
      context({
        spec: { ...spec, cluster: 'dev' },
        update: true,
        message: 'anew',
      }),
    );
    expect(requests.find(({ route }) => route.startsWith('PUT'))).toMatchObject(
      { ifMatch: 'e7', body: { message: 'anew' } },
    );
  });

  it('makes the server when an update finds none', async () => {
    let made = false;
    const { action, requests } = setUp({
      'POST /servers': () => {
        made = true;
        return accepted();
      },
      'GET /servers/my-tools': () =>
        made
          ? server()
          : {
              status: 404,
              body: { error: { name: 'NotFoundError', message: 'none' } },
            },
      'GET /operations/op-1': () => ({
        body: operation({ state: 'succeeded' }),
      }),
    });
    await action.handler(
      context({ spec: { ...spec, cluster: 'dev' }, update: true }),
    );
    expect(requests.map(({ route }) => route)).toContain('POST /servers');
  });

  it('follows the operation that a resumed task started, and starts no other', async () => {
    const { action, requests } = setUp({
      'GET /operations/op-9': () => ({
        body: operation({ id: 'op-9', state: 'succeeded' }),
      }),
      'GET /servers/my-tools': server,
    });
    await action.handler(
      context(
        { spec: { ...spec, cluster: 'dev' } },
        { checkpoint: (async () => 'op-9') as Context['checkpoint'] },
      ),
    );
    expect(requests.map(({ route }) => route)).toEqual([
      'GET /operations/op-9',
      'GET /servers/my-tools',
    ]);
  });

  it('bears with a portal that restarts meanwhile', async () => {
    let asked = 0;
    const { action } = setUp({
      'POST /servers': accepted,
      'GET /operations/op-1': () => {
        asked += 1;
        return asked === 2
          ? {
              status: 503,
              body: {
                error: {
                  name: 'ServiceUnavailableError',
                  message: 'restarting',
                },
              },
            }
          : { body: operation({ state: asked > 2 ? 'succeeded' : 'running' }) };
      },
      'GET /servers/my-tools': server,
    });
    await action.handler(context({ spec: { ...spec, cluster: 'dev' } }));
    expect(asked).toBe(3);
  });

  it('ends its wait when the task is cancelled', async () => {
    const controller = new AbortController();
    const { action } = setUp({
      'POST /servers': accepted,
      'GET /operations/op-1': () => {
        controller.abort();
        return { body: operation() };
      },
    });
    await expect(
      action.handler(
        context(
          { spec: { ...spec, cluster: 'dev' } },
          { signal: controller.signal },
        ),
      ),
    ).rejects.toThrow('The task was cancelled. The deploy itself goes on.');
  });

  it.each([
    [
      { spec: { ...spec, name: 'My Tools', cluster: 'dev' } },
      'spec.name: A name starts with a lower-case letter',
    ],
    [
      { spec: { ...spec, cluster: 'dev' }, replicas: 0 },
      'replicas: Replicas must be at least 1',
    ],
    [{ spec }, 'Name a cluster in spec.cluster: a, b.'],
  ])(
    'says what is wrong with %j before anything is made',
    async (input, message) => {
      const { action, requests } = setUp({
        'GET /clusters': () => ({
          body: { items: [{ name: 'a' }, { name: 'b' }] },
        }),
      });
      await expect(action.handler(context(input))).rejects.toThrow(message);
      expect(requests.map(({ route }) => route)).not.toContain('POST /servers');
    },
  );

  it('says when the platform has no cluster', async () => {
    const { action } = setUp({
      'GET /clusters': () => ({ body: { items: [] } }),
    });
    await expect(action.handler(context())).rejects.toThrow(
      'The platform has no cluster yet.',
    );
  });

  it('checks everything and makes nothing in a dry run', async () => {
    const { action, requests } = setUp({ 'GET /clusters': clusters });
    const ctx = context({}, { isDryRun: true });
    await action.handler(ctx);
    expect(requests.map(({ route }) => route)).toEqual(['GET /clusters']);
    expect(ctx.output).toHaveBeenCalledWith(
      'url',
      'http://backend/api/mcp-cloud/servers/my-tools/mcp',
    );
  });
});
