import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { KubeConfig } from '@kubernetes/client-node';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '.';

jest.setTimeout(30_000);

const ann = mockCredentials.user.header('user:default/ann');

/** Two clusters that nobody answers for: one from the configuration, one from a module. */
async function start() {
  const module = createBackendModule({
    pluginId: 'mcp-cloud',
    moduleId: 'test-clusters',
    register(env) {
      env.registerInit({
        deps: { clusters: clusterProviderExtensionPoint },
        async init({ clusters }) {
          const kubeConfig = new KubeConfig();
          kubeConfig.loadFromClusterAndUser(
            {
              name: 'two',
              server: 'https://127.0.0.1:1',
              skipTLSVerify: false,
            },
            { name: 'two', token: 't' },
          );
          clusters.addClusterProvider({
            getClusters: async () => [
              { name: 'two', namespace: 'ns-two', kubeConfig },
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
        operations: { timeout: '30s' },
        clusters: [{ name: 'one', url: 'https://127.0.0.1:1', token: 't' }],
      },
    },
  });
  return startTestBackend({ features: [plugin, module, config] });
}

describe('the plugin', () => {
  let backend: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    backend = await start();
  });
  afterAll(() => backend.stop());

  const get = (path: string) =>
    request(backend.server)
      .get(`/api/mcp-cloud${path}`)
      .set('Authorization', ann);
  const post = (path: string, body: object) =>
    request(backend.server)
      .post(`/api/mcp-cloud${path}`)
      .set('Authorization', ann)
      .send(body);
  const spec = {
    name: 'weather',
    owner: 'user:default/ann',
    cluster: 'one',
    image: 'reg/weather:1',
  };

  it('is healthy and shows the clusters of configuration and modules', async () => {
    expect(
      (await request(backend.server).get('/api/mcp-cloud/health')).body,
    ).toEqual({ status: 'ok' });
    expect((await get('/clusters')).body.items).toMatchObject([
      { name: 'one', namespace: 'mcp-servers' },
      { name: 'two', namespace: 'ns-two' },
    ]);
  });

  it('accepts a server for a cluster that is away, and no secrets for it', async () => {
    const { status, body } = await post('/servers', { spec });
    expect([status, body.operation?.kind]).toEqual([202, 'deploy']);
    const secret = {
      spec: { ...spec, name: 'other', secrets: ['A'] },
      secretValues: { A: '1' },
    };
    expect((await post('/servers', secret)).status).toBe(503);
    expect((await get('/servers')).body).toMatchObject({
      total: 1,
      counts: { Unknown: 1 },
    });
    for (const path of [
      '',
      '/status',
      '/pods',
      '/events',
      '/metrics',
      '/operations',
    ]) {
      expect((await get(`/servers/weather${path}`)).status).toBe(200);
    }
  });

  it('tells the permission framework its rules and permissions', async () => {
    const { body } = await get('/.well-known/backstage/permissions/metadata');
    expect(
      body.permissions
        .map((permission: { name: string }) => permission.name)
        .sort(),
    ).toEqual(
      [
        'call',
        'create',
        'delete',
        'logs',
        'operate',
        'read',
        'secrets',
        'update',
      ].map(name => `mcp-cloud.server.${name}`),
    );
    expect(body.rules.map((rule: { name: string }) => rule.name)).toEqual([
      'IS_OWNER',
      'IN_CLUSTER',
      'IN_NAMESPACE',
    ]);
  });
});
