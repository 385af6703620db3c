import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '.';
import { eventually } from './__testUtils__/eventually';
import { Line } from './__testUtils__/Line';
import { testCluster, type TestCluster } from './__testUtils__/testCluster';
import { testImages } from './__testUtils__/testRig';

jest.setTimeout(240_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);

/** Two clusters by name: namespaces of one, the second of which is reached by a line that can be frozen. */
describe('one of two clusters that falls silent', () => {
  let up: TestCluster;
  let away: TestCluster;
  let line: Line;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  beforeAll(async () => {
    up = await testCluster('two-up');
    away = await testCluster('two-away');
    line = new Line(away.definition.kubeConfig);
    const kubeConfig = await line.start();
    const module = createBackendModule({
      pluginId: 'mcp-cloud',
      moduleId: 'test-clusters',
      register(env) {
        env.registerInit({
          deps: { clusters: clusterProviderExtensionPoint },
          async init({ clusters }) {
            clusters.addClusterProvider({
              getClusters: async () => [
                { ...up.definition, name: 'up' },
                { ...away.definition, name: 'away', kubeConfig },
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
    line?.freeze(false);
    await backend?.stop();
    line?.stop();
    await up?.remove();
    await away?.remove();
  });

  const get = (path: string) =>
    request(backend.server)
      .get(`/api/mcp-cloud${path}`)
      .set('Authorization', ann);
  const made = async (cluster: string) => {
    const { hello } = testImages();
    const { body } = await request(backend.server)
      .post('/api/mcp-cloud/servers')
      .set('Authorization', ann)
      .send({ spec: { name: cluster, owner: ANN, cluster, image: hello } });
    const operation = await eventually(async () => {
      const answer = await get(`/operations/${body.operation.id}`);
      return answer.body.finishedAt && answer.body;
    }, 100_000);
    expect(operation).toMatchObject({ state: 'succeeded' });
  };
  const states = async () => {
    const { body } = await get('/servers');
    return Object.fromEntries(
      body.items.map(({ name, status }: Server) => [name, status.state]),
    );
  };
  const shows = (wanted: Record<string, string>) =>
    eventually(async () => {
      const found = await states();
      return Object.keys(wanted).every(name => found[name] === wanted[name]);
    }, 30_000);

  it('makes its servers Unknown and no list slow, and is back by itself', async () => {
    await made('up');
    await made('away');
    await shows({ up: 'Running', away: 'Running' });

    line.freeze(true);
    await shows({ up: 'Running', away: 'Unknown' });
    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const begin = performance.now();
      expect(await states()).toEqual({ up: 'Running', away: 'Unknown' });
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    // On a busy machine a few may take longer for reasons of their own; waiting for the cluster would slow all.
    expect(times[10]).toBeLessThan(200);
    expect((await get('/servers/away')).body.status.reason).toBe(
      'ClusterUnreachable',
    );

    line.freeze(false);
    await shows({ up: 'Running', away: 'Running' });
  });
});
