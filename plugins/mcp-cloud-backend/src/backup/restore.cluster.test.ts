import { setTimeout as sleep } from 'node:timers/promises';
import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import request from 'supertest';
import plugin from '..';
import { eventually } from '../__testUtils__/eventually';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testImages } from '../__testUtils__/testRig';
import { MCP_PORT } from '../manifests/names';

jest.setTimeout(400_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);
const SETTLED_MS = 120_000;

/** A portal with an empty database of its own, on a namespace of the cluster. */
async function portal(place: TestCluster) {
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
        administrators: [ANN],
        keys: { secret: 'a secret of enough characters for a test' },
        operations: { timeout: '100s' },
      },
    },
  });
  const backend = await startTestBackend({
    features: [plugin, module, config],
  });
  const send = (method: 'get' | 'post' | 'put', path: string, body?: object) =>
    request(backend.server)
      [method](`/api/mcp-cloud${path}`)
      .set('Authorization', ann)
      .send(body);
  const get = async (path: string) => (await send('get', path)).body;
  /** Waits for the end of the operation that an answer names. */
  const done = async (answer: request.Response) => {
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    return eventually(async () => {
      const operation = await get(`/operations/${answer.body.operation.id}`);
      return operation.finishedAt && operation;
    }, SETTLED_MS);
  };
  const running = (name: string, ready: number) =>
    eventually(async () => {
      const { state, pods } = await get(`/servers/${name}/status`);
      return state === 'Running' && pods.ready === ready;
    }, SETTLED_MS);
  return { backend, send, get, done, running };
}

describe('a portal that lost its database', () => {
  const { everything, hello } = testImages();
  let place: TestCluster;
  let current: Awaited<ReturnType<typeof portal>> | undefined;
  beforeAll(async () => {
    place = await testCluster('restore');
    current = await portal(place);
  });
  afterAll(async () => {
    await current?.backend.stop();
    await place?.remove();
  });

  /** What tells whether a pod was touched: its identity and the restarts of its containers. */
  async function pods(): Promise<string[]> {
    const { items } = await place.api.json<{ items: any[] }>({
      method: 'GET',
      path: `/api/v1/namespaces/${place.namespace}/pods`,
    });
    return items
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata, status }) => {
        const restarts = (status.containerStatuses ?? []).map(
          (one: any) => one.restartCount,
        );
        return `${metadata.labels[SERVER_ID_LABEL]} ${metadata.uid} ${restarts}`;
      })
      .sort();
  }

  /** A client that comes to the server's pods directly, and calls all the time. */
  async function caller(serverId: string, token: string) {
    const { spec } = await place.api.json<{
      spec: { ports: Array<{ nodePort: number }> };
    }>({
      method: 'POST',
      path: `/api/v1/namespaces/${place.namespace}/services`,
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'direct' },
        spec: {
          type: 'NodePort',
          selector: { [SERVER_ID_LABEL]: serverId },
          ports: [{ port: MCP_PORT }],
        },
      },
    });
    const url = `http://localhost:${spec.ports[0].nodePort}`;
    await eventually(
      () =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      30_000,
    );
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    let on = true;
    let calls = 0;
    const calling = (async () => {
      for (; on; calls += 1) {
        await client.callTool({ name: 'echo', arguments: { message: 'hi' } });
        await sleep(50);
      }
    })();
    // What fails is seen in the end.
    calling.catch(() => undefined);
    return {
      calls: () => calls,
      end: async () => {
        on = false;
        await calling;
        await client.close();
      },
    };
  }

  it('takes running servers over from a backup, and touches no pod', async () => {
    const first = current!;
    const spec = {
      name: 'everything',
      owner: ANN,
      cluster: 'test',
      image: everything,
      secrets: ['TEST_SECRET'],
    };
    await first.done(
      await first.send('post', '/servers', {
        spec,
        secretValues: { TEST_SECRET: 'hush-hush' },
      }),
    );
    await first.done(
      await first.send('post', '/servers', {
        spec: { name: 'hello', owner: ANN, cluster: 'test', image: hello },
      }),
    );
    await first.done(
      await first.send('post', '/servers/hello/scale', { replicas: 2 }),
    );
    await first.running('everything', 1);
    await first.running('hello', 2);
    const { id } = await first.get('/servers/everything');
    const { token } = (
      await first.send('post', '/servers/everything/tokens', {})
    ).body;
    const client = await caller(id, token);

    const { text: file } = await first
      .send('get', '/export')
      .buffer(true)
      .parse((res, parsed) => {
        let content = '';
        res.setEncoding('utf8');
        res.on('data', chunk => (content += chunk));
        res.on('end', () => {
          res.text = content;
          parsed(null, content);
        });
      });
    expect(file).not.toContain('hush');
    // What is done after the backup, the database that comes back does not know: stamps are above its fences.
    for (const _ of [1, 2]) {
      await first.done(
        await first.send('post', '/servers/hello/scale', { replicas: 2 }),
      );
    }
    const before = await pods();
    expect(before).toHaveLength(3);
    await first.backend.stop();

    current = await portal(place);
    const second = current;
    expect((await second.get('/servers')).total).toBe(0);
    const atImport = client.calls();
    const imported = await request(second.backend.server)
      .post('/api/mcp-cloud/import')
      .set('Authorization', ann)
      .type('application/x-ndjson')
      .send(file);
    expect(imported).toMatchObject({ status: 200, body: { servers: 2 } });
    await second.running('everything', 1);
    await second.running('hello', 2);
    expect((await second.get('/orphans')).items).toEqual([]);
    expect(await second.get('/servers/hello/drift')).toMatchObject({
      state: 'none',
    });
    expect(await pods()).toEqual(before);
    await eventually(() => client.calls() > atImport + 20, 60_000);

    expect(
      await second.done(
        await second.send('post', '/servers/hello/scale', { replicas: 3 }),
      ),
    ).toMatchObject({ state: 'succeeded' });
    await second.running('hello', 3);
    expect(await pods()).toEqual(expect.arrayContaining(before));
    await client.end();
    expect(client.calls()).toBeGreaterThan(atImport + 20);
    const { etag } = await second.get('/servers/everything');
    expect(
      await second.done(
        await second
          .send('put', '/servers/everything', {
            spec: { ...spec, env: { GREETING: 'hello' } },
          })
          .set('If-Match', etag),
      ),
    ).toMatchObject({ state: 'succeeded', revision: 2 });

    const secret = 'mcp-everything--env-1';
    await place.api.json({
      method: 'DELETE',
      path: `/api/v1/namespaces/${place.namespace}/secrets/${secret}`,
    });
    // A look is taken when something of the server was written, as of a Secret nobody hears.
    await place.api.json({
      method: 'DELETE',
      path: `/apis/policy/v1/namespaces/${place.namespace}/poddisruptionbudgets/mcp-everything`,
    });
    await eventually(async () => {
      const { message, hint } = await second.get('/servers/everything/status');
      return (
        message.includes(`Secret ${secret} is missing`) && /Give/.test(hint)
      );
    }, 60_000);
    const after = await second.get('/servers/everything');
    expect(
      await second.done(
        await second
          .send('put', '/servers/everything', {
            spec,
            secretValues: { TEST_SECRET: 'hush again' },
          })
          .set('If-Match', after.etag),
      ),
    ).toMatchObject({ state: 'succeeded', revision: 3 });
    await eventually(
      async () =>
        (await second.get('/servers/everything/drift')).state === 'none',
      60_000,
    );
  });
});
