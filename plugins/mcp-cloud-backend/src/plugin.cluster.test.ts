import { setTimeout as sleep } from 'node:timers/promises';
import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { PodView } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '.';
import { testCluster, type TestCluster } from './__testUtils__/testCluster';
import { testImages } from './__testUtils__/testRig';
import { eventually } from './__testUtils__/eventually';

jest.setTimeout(240_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);

describe('the plugin on a real cluster', () => {
  const { everything } = testImages();
  let place: TestCluster;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  beforeAll(async () => {
    place = await testCluster('dev-c');
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
          operations: { timeout: '90s' },
        },
      },
    });
    backend = await startTestBackend({ features: [plugin, module, config] });
  });
  afterAll(async () => {
    await backend?.stop();
    await place?.remove();
  });

  const base = '/api/mcp-cloud/servers';
  const spec = (extra: object = {}) => ({
    name: 'everything',
    owner: ANN,
    cluster: 'test',
    image: everything,
    secrets: ['TEST_SECRET'],
    ...extra,
  });
  const get = (path: string) =>
    request(backend.server)
      .get(`/api/mcp-cloud${path}`)
      .set('Authorization', ann);
  const send = (method: 'post' | 'delete', path: string, body?: object) =>
    request(backend.server)
      [method](`${base}${path}`)
      .set('Authorization', ann)
      .send(body);
  const server = async () => (await get('/servers/everything')).body;
  async function done(answer: request.Response) {
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    return eventually(async () => {
      const { body } = await get(`/operations/${answer.body.operation.id}`);
      return body.finishedAt && body;
    }, 100_000);
  }
  async function connect(authorization: string) {
    const client = new Client({ name: 'test', version: '1' });
    const url = new URL(
      `http://localhost:${backend.server.port()}${base}/everything/mcp`,
    );
    await client.connect(
      new StreamableHTTPClientTransport(url, {
        requestInit: { headers: { Authorization: authorization } },
      }),
    );
    return client;
  }

  it('deploys a server until an MCP client can speak with it', async () => {
    const operation = await done(
      await send('post', '', {
        spec: spec(),
        secretValues: { TEST_SECRET: 'hush' },
      }),
    );
    expect(operation).toMatchObject({ state: 'succeeded' });
    const found = await server();
    expect(found).toMatchObject({
      status: { state: 'Running' },
      capabilities: { revision: 1 },
    });
    expect(found.capabilities.tools.length).toBeGreaterThan(3);
    expect((await get('/servers/everything/pods')).body.items).toMatchObject([
      { ready: true, revision: 1 },
    ]);
    expect((await get('/servers/everything/logs')).status).toBe(200);
  });

  it('lets people and token holders call its tools through the portal', async () => {
    const { body } = await send('post', '/everything/tokens', {});
    for (const authorization of [ann, `Bearer ${body.token}`]) {
      const client = await connect(authorization);
      expect((await client.listTools()).tools.length).toBeGreaterThan(3);
      await client.close();
    }
    expect(
      await done(await send('delete', '/everything/tokens')),
    ).toMatchObject({ kind: 'rotate', state: 'succeeded' });
    await expect(connect(`Bearer ${body.token}`)).rejects.toThrow();
  });

  it('scales, restarts, stops and starts it', async () => {
    const [before] = (await get('/servers/everything/pods')).body.items;
    expect(
      await done(await send('post', '/everything/scale', { replicas: 2 })),
    ).toMatchObject({ state: 'succeeded' });
    expect((await server()).status).toMatchObject({
      state: 'Running',
      pods: { ready: 2 },
    });
    expect(await done(await send('post', '/everything/restart'))).toMatchObject(
      { state: 'succeeded' },
    );
    const pods: PodView[] = (await get('/servers/everything/pods')).body.items;
    expect(
      pods.filter(pod => pod.state !== 'Terminating').map(pod => pod.name),
    ).not.toContain(before.name);
    expect(await done(await send('post', '/everything/stop'))).toMatchObject({
      state: 'succeeded',
    });
    expect((await server()).status).toMatchObject({
      state: 'Stopped',
      pods: { total: 0 },
    });
    expect(await done(await send('post', '/everything/start'))).toMatchObject({
      state: 'succeeded',
    });
    expect((await server()).status).toMatchObject({
      state: 'Running',
      pods: { ready: 2 },
    });
  });

  it('goes back by itself when a revision does not come up, and serves all along', async () => {
    const names = async () =>
      (await get('/servers/everything/pods')).body.items
        .filter((pod: PodView) => pod.state !== 'Terminating')
        .map((pod: PodView) => pod.name)
        .sort();
    const before = await names();
    const client = await connect(ann);
    let on = true;
    const calls = (async () => {
      let count = 0;
      for (; on; count += 1) {
        await client.callTool({ name: 'echo', arguments: { message: 'hi' } });
        await sleep(50);
      }
      return count;
    })();
    const broken = spec({
      image: `${everything.split(':').slice(0, -1).join(':')}:not-there`,
    });
    const announced = await send('post', '/everything/preview', {
      action: 'update',
      spec: broken,
    });
    expect(announced.body).toMatchObject({
      verified: true,
      restartsPods: true,
    });
    const operation = await done(
      await request(backend.server)
        .put(`${base}/everything`)
        .set('Authorization', ann)
        .set('If-Match', (await server()).etag)
        .send({ spec: broken }),
    );
    expect(operation).toMatchObject({
      state: 'failed',
      error: { message: expect.any(String), events: expect.any(Array) },
    });
    const rollback = await eventually(async () => {
      const [newest] = (await get('/servers/everything/operations')).body.items;
      return newest.kind === 'rollback' && newest.finishedAt && newest;
    }, 60_000);
    expect(rollback).toMatchObject({ state: 'succeeded', revision: 3 });
    on = false;
    expect(await calls).toBeGreaterThan(50);
    await client.close();
    expect(await server()).toMatchObject({
      image: everything,
      status: { state: 'Running', pods: { ready: 2 } },
    });
    expect(await names()).toEqual(before);
  });

  it('deletes it, and leaves nothing', async () => {
    expect(await done(await send('delete', '/everything'))).toMatchObject({
      state: 'succeeded',
    });
    expect((await get('/servers/everything')).status).toBe(404);
    for (const path of ['/apis/apps/v1', '/api/v1']) {
      for (const kind of path.includes('apps')
        ? ['deployments']
        : ['secrets', 'services', 'configmaps', 'pods']) {
        const { items } = await place.api.json<{
          items: Array<{ metadata: { name: string } }>;
        }>({
          method: 'GET',
          path: `${path}/namespaces/${place.namespace}/${kind}`,
        });
        expect(
          items
            .map(item => item.metadata.name)
            .filter(name => name !== 'kube-root-ca.crt'),
        ).toEqual([]);
      }
    }
    expect(
      await done(await send('post', '', { spec: spec({ secrets: [] }) })),
    ).toMatchObject({ state: 'succeeded' });
    expect(await done(await send('delete', '/everything'))).toMatchObject({
      state: 'succeeded',
    });
  });
});
