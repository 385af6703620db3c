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
import { eventually } from './__testUtils__/eventually';
import { testCluster, type TestCluster } from './__testUtils__/testCluster';
import { testImages } from './__testUtils__/testRig';

jest.setTimeout(300_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);

/**
 * Two clusters by name. They are two namespaces of one cluster, unless `MCP_CLOUD_TEST_SECOND_KUBECONFIG` is that of
 * another one.
 */
describe('moves on a real cluster', () => {
  const { everything } = testImages();
  let here: TestCluster;
  let there: TestCluster;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  beforeAll(async () => {
    here = await testCluster('move-a');
    there = await testCluster(
      'move-b',
      process.env.MCP_CLOUD_TEST_SECOND_KUBECONFIG,
    );
    const module = createBackendModule({
      pluginId: 'mcp-cloud',
      moduleId: 'test-clusters',
      register(env) {
        env.registerInit({
          deps: { clusters: clusterProviderExtensionPoint },
          async init({ clusters }) {
            clusters.addClusterProvider({
              getClusters: async () => [
                here.definition,
                { ...there.definition, name: 'there' },
              ],
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
    await here?.remove();
    await there?.remove();
  });

  const base = '/api/mcp-cloud/servers';
  const get = (path: string) =>
    request(backend.server)
      .get(`/api/mcp-cloud${path}`)
      .set('Authorization', ann);
  const post = (path: string, body?: object) =>
    request(backend.server)
      .post(`${base}${path}`)
      .set('Authorization', ann)
      .send(body);
  const server = async () => (await get('/servers/mover')).body;
  const ended = (id: string, withinMs = 120_000) =>
    eventually(async () => {
      const { body } = await get(`/operations/${id}`);
      return body.finishedAt && body;
    }, withinMs);
  async function done(answer: request.Response) {
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    return ended(answer.body.operation.id);
  }

  /** Our objects in a namespace, Secrets included, as `Kind name`. */
  async function objectsIn({ api, namespace }: TestCluster): Promise<string[]> {
    const kinds = {
      '/apis/apps/v1': ['deployments'],
      '/apis/networking.k8s.io/v1': ['networkpolicies'],
      '/apis/policy/v1': ['poddisruptionbudgets'],
      '/api/v1': [
        'configmaps',
        'pods',
        'secrets',
        'serviceaccounts',
        'services',
      ],
    };
    const lists = await Promise.all(
      Object.entries(kinds).flatMap(([path, names]) =>
        names.map(async name => {
          const { items } = await api.json<{
            items: Array<{ metadata: { name: string } }>;
          }>({
            method: 'GET',
            path: `${path}/namespaces/${namespace}/${name}`,
          });
          return items
            .filter(item => item.metadata.name.startsWith('mcp-'))
            .map(item => `${name} ${item.metadata.name}`);
        }),
      ),
    );
    return lists.flat();
  }

  async function connect() {
    const client = new Client({ name: 'test', version: '1' });
    const url = new URL(
      `http://localhost:${backend.server.port()}${base}/mover/mcp`,
    );
    await client.connect(
      new StreamableHTTPClientTransport(url, {
        requestInit: { headers: { Authorization: ann } },
      }),
    );
    return client;
  }

  /** Calls ten times a second as an ordinary client does: one whose session is gone begins a new one. */
  function calling() {
    const seen = {
      calls: 0,
      sessions: 1,
      longestMs: 0,
      errors: [] as string[],
    };
    let on = true;
    const over = (async () => {
      let client = await connect();
      let last = performance.now();
      while (on) {
        try {
          await client.callTool({ name: 'echo', arguments: { message: 'hi' } });
          seen.calls += 1;
          seen.longestMs = Math.max(seen.longestMs, performance.now() - last);
          last = performance.now();
        } catch (error) {
          const { code, message } = error as { code?: number; message: string };
          if (code !== 404) {
            seen.errors.push(`${code} ${message}`);
          }
          await client.close().catch(() => undefined);
          client = await connect();
          seen.sessions += 1;
        }
        await sleep(100);
      }
      await client.close();
    })();
    return async () => {
      on = false;
      await over;
      return seen;
    };
  }

  it('takes a server to another cluster while a client calls it', async () => {
    const spec = {
      name: 'mover',
      owner: ANN,
      cluster: 'test',
      image: everything,
      secrets: ['TEST_SECRET'],
    };
    const secretValues = { TEST_SECRET: 'hush' };
    expect(await done(await post('', { spec, secretValues }))).toMatchObject({
      state: 'succeeded',
    });
    expect((await objectsIn(here)).length).toBeGreaterThan(6);
    const { body: preview } = await post('/mover/preview', {
      action: 'move',
      cluster: 'there',
    });
    expect(preview).toMatchObject({ action: 'move', verified: true });

    const stop = calling();
    const operation = await done(
      await post('/mover/move', { cluster: 'there', secretValues }),
    );
    expect(operation).toMatchObject({ state: 'succeeded', revision: 2 });
    await sleep(500);
    const seen = await stop();
    process.stdout.write(
      `A client during the move: ${JSON.stringify(
        seen,
      )}; steps: ${JSON.stringify(operation.steps)}\n`,
    );
    expect(seen).toMatchObject({ sessions: 2, errors: [] });
    expect(seen.calls).toBeGreaterThan(3);

    expect(await server()).toMatchObject({
      cluster: 'there',
      namespace: there.namespace,
      status: { state: 'Running' },
    });
    expect(await objectsIn(here)).toEqual([]);
    const pods: PodView[] = (await get('/servers/mover/pods')).body.items;
    expect(pods).toMatchObject([{ ready: true, revision: 2 }]);
    expect((await get('/servers/mover/drift')).body).toMatchObject({
      state: 'none',
    });
    // Announced was what came and went.
    const names = (change: string) =>
      preview.objects
        .filter((object: { change: string }) => object.change === change)
        .map(({ kind, name }: { kind: string; name: string }) => kind + name)
        .filter((name: string) => !name.startsWith('Secret'))
        .sort();
    expect(names('removed')).toEqual(names('added'));
  });

  it('leaves a server where it is when it does not come up in the other', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'no-pods' },
      spec: { hard: { pods: '0' } },
    };
    const path = `/api/v1/namespaces/${here.namespace}/resourcequotas`;
    await here.api.json({ method: 'POST', path, body: quota });
    await eventually(async () => {
      const { status } = await here.api.json<{
        status?: { hard?: object };
      }>({ method: 'GET', path: `${path}/no-pods` });
      return status?.hard;
    }, 30_000);
    const stop = calling();
    const answer = await post('/mover/move', {
      cluster: 'test',
      secretValues: { TEST_SECRET: 'hush' },
    });
    const operation = await done(answer);
    expect(operation).toMatchObject({
      state: 'failed',
      error: { message: expect.stringMatching(/quota/) },
    });
    const seen = await stop();
    expect(seen).toMatchObject({ sessions: 1, errors: [] });
    expect(seen.calls).toBeGreaterThan(3);
    expect(await server()).toMatchObject({
      cluster: 'there',
      revision: 2,
      status: { state: 'Running' },
    });
    // The platform clears what is left of it, the values of its secret aside, which are collected later.
    await eventually(
      async () =>
        (
          await objectsIn(here)
        ).every(name => name.startsWith('secrets mcp-mover--env-')),
      60_000,
    );
    const [rest] = (await get('/servers/mover/operations')).body.items;
    expect(await ended(rest.id)).toMatchObject({
      kind: 'move',
      state: 'succeeded',
      principal: 'service:mcp-cloud',
    });
    await here.api.json({ method: 'DELETE', path: `${path}/no-pods` });
  });

  it('deletes it in both clusters in the midst of a move', async () => {
    const move = await post('/mover/move', {
      cluster: 'test',
      secretValues: { TEST_SECRET: 'hush' },
    });
    expect(move.status).toBe(202);
    await eventually(
      async () => (await objectsIn(here)).includes('deployments mcp-mover'),
      60_000,
    );
    expect(
      await done(
        await request(backend.server)
          .delete(`${base}/mover`)
          .set('Authorization', ann),
      ),
    ).toMatchObject({ state: 'succeeded' });
    expect(await objectsIn(here)).toEqual([]);
    expect(await objectsIn(there)).toEqual([]);
  });
});
