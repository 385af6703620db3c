import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import type {
  Operation,
  PodView,
  ServerDetail,
  ServersEvent,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import request from 'supertest';
import plugin from '..';
import { eventually } from '../__testUtils__/eventually';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testImages } from '../__testUtils__/testRig';

jest.setTimeout(300_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);
const BASE = '/api/mcp-cloud/servers';

/** Answers nothing any more in its whole pod, however often it is started there, once its tool was called. */
const SCRIPT = `
const { existsSync, writeFileSync } = require('node:fs');
const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'wedge', version: '1' },
  }),
  'tools/list': () => ({
    tools: [{ name: 'wedge', inputSchema: { type: 'object' } }],
  }),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'tools/call') {
    writeFileSync('/tmp/wedged', '');
  }
  if (id === undefined || existsSync('/tmp/wedged')) {
    return;
  }
  const answer = results[method]
    ? { result: results[method](params) }
    : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});
`;

describe('a server that answers nothing any more', () => {
  let place: TestCluster;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const told: string[] = [];
  const events: ServersEvent[] = [];
  beforeAll(async () => {
    place = await testCluster('recovery');
    const module = createBackendModule({
      pluginId: 'mcp-cloud',
      moduleId: 'test-cluster',
      register(env) {
        env.registerInit({
          deps: { clusters: clusterProviderExtensionPoint },
          async init({ clusters }) {
            clusters.addClusterProvider({
              getClusters: async () => [place.definition],
            });
          },
        });
      },
    });
    const config = mockServices.rootConfig.factory({
      data: {
        mcpCloud: {
          keys: { secret: 'a secret of enough characters for a test' },
          recovery: { after: '20s' },
          notifications: { downAfter: '1s' },
        },
      },
    });
    const notifications = createServiceFactory({
      service: notificationService,
      deps: {},
      factory: () => ({
        send: async ({ recipients, payload }) => {
          told.push(`${JSON.stringify(recipients)} ${payload.title}`);
        },
      }),
    });
    const eventsService = createServiceFactory({
      service: eventsServiceRef,
      deps: {},
      factory: () => ({
        subscribe: async () => {},
        publish: async ({ eventPayload }) => {
          events.push(eventPayload as ServersEvent);
        },
      }),
    });
    backend = await startTestBackend({
      features: [
        plugin,
        module,
        config,
        notifications,
        eventsService,
        schedulerServiceFactory,
      ],
    });
  });
  afterAll(async () => {
    await backend?.stop();
    await place?.remove();
  });

  const get = async (path: string) =>
    (await request(backend.server).get(path).set('Authorization', ann)).body;
  const operations = async (): Promise<Operation[]> =>
    (await get(`${BASE}/wedge/operations`)).items;
  const server = (): Promise<ServerDetail> => get(`${BASE}/wedge`);
  const pods = async (): Promise<PodView[]> =>
    (await get(`${BASE}/wedge/pods`)).items.filter(
      ({ state }: PodView) => state !== 'Terminating',
    );
  async function connect() {
    const client = new Client({ name: 'test', version: '1' });
    const url = new URL(
      `http://localhost:${backend.server.port()}${BASE}/wedge/mcp`,
    );
    const transport = new StreamableHTTPClientTransport(url, {
      requestInit: { headers: { Authorization: ann } },
    });
    await client.connect(transport);
    const close = async () => {
      await transport.terminateSession();
      await client.close();
    };
    return { client, close };
  }

  it('is seen, loses the pod that hangs and no other, and answers again', async () => {
    const { body, status } = await request(backend.server)
      .post(BASE)
      .set('Authorization', ann)
      .send({
        spec: {
          name: 'wedge',
          owner: ANN,
          cluster: 'test',
          image: testImages().everything,
          command: ['node', '-e', SCRIPT],
        },
        replicas: 2,
      });
    expect([status, body.error]).toEqual([202, undefined]);
    const ended = (id: string): Promise<Operation> =>
      eventually(async () => {
        const operation = await get(`/api/mcp-cloud/operations/${id}`);
        return operation.finishedAt && operation;
      }, 120_000);
    expect(await ended(body.operation.id)).toMatchObject({
      state: 'succeeded',
    });
    const before = (await pods()).map(({ uid }) => uid);
    expect(before).toHaveLength(2);

    const { client } = await connect();
    const call = client.callTool({ name: 'wedge' }).catch(() => 'failed');
    const shown = await eventually(async () => {
      const { state, reason, message } = (await server()).status;
      return state === 'Degraded' && { reason, message };
    }, 90_000);
    expect(shown).toEqual({
      reason: 'NotAnswering',
      message: expect.stringContaining('1 pod of 2 run, but do not answer'),
    });

    const recovery = await eventually(
      async () => (await operations()).find(({ kind }) => kind === 'recover'),
      90_000,
    );
    expect(await ended(recovery.id)).toMatchObject({
      state: 'succeeded',
      principal: 'service:mcp-cloud',
      cause: '1 pod ran, but did not answer MCP clients for 20 s.',
    });
    expect((await server()).status).toMatchObject({
      state: 'Running',
      pods: { ready: 2 },
    });
    const after = (await pods()).map(({ uid }) => uid);
    expect(after.filter(uid => before.includes(uid))).toHaveLength(1);
    expect(await call).toBe('failed');
    await client.close();
    // Each pod in turn, as a Service does.
    for (let time = 0; time < 6; time += 1) {
      const again = await connect();
      expect((await again.client.listTools()).tools).toHaveLength(1);
      await again.close();
    }

    const { items } = await get('/api/mcp-cloud/audit?event=server-recover');
    expect(items).toMatchObject([
      { operationId: recovery.id, reason: recovery.cause },
    ]);
    await eventually(() => told.length === 2, 30_000);
    const owner = JSON.stringify({ type: 'entity', entityRef: ANN });
    expect(told).toEqual([
      `${owner} wedge is degraded`,
      `${owner} wedge is running again`,
    ]);
    const recovered = events.flatMap(event =>
      'operation' in event && event.operation.kind === 'recover'
        ? [event.kind]
        : [],
    );
    expect(recovered).toEqual(['operation-accepted', 'operation-ended']);
    expect((await operations()).map(({ kind }) => kind)).toEqual([
      'recover',
      'deploy',
    ]);
  });
});
