import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { V1Deployment } from '@kubernetes/client-node';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '..';
import { eventually } from '../__testUtils__/eventually';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testImages } from '../__testUtils__/testRig';
import { imageReference } from './imageReference';

jest.setTimeout(240_000);

const ANN = 'user:default/ann';

describe('images of a real registry on a real cluster', () => {
  const { plain, bridge } = testImages();
  const { registry, name } = imageReference(plain);
  let place: TestCluster;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  beforeAll(async () => {
    place = await testCluster('images');
    const module = createBackendModule({
      pluginId: 'mcp-cloud',
      moduleId: 'test-cluster',
      register(env) {
        env.registerInit({
          deps: {
            clusters: clusterProviderExtensionPoint,
          },
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
          operations: { timeout: '150s' },
          images: { bridgeImage: bridge },
          registries: [
            { host: registry, insecure: true, privateAddresses: true },
          ],
        },
      },
    });
    backend = await startTestBackend({ features: [plugin, module, config] });
  });
  afterAll(async () => {
    await backend?.stop();
    await place?.remove();
  });

  const ann = mockCredentials.user.header(ANN);
  const get = (path: string) =>
    request(backend.server)
      .get(`/api/mcp-cloud${path}`)
      .set('Authorization', ann);
  const post = (path: string, spec: object) =>
    request(backend.server)
      .post(`/api/mcp-cloud${path}`)
      .set('Authorization', ann)
      .send({
        spec: {
          name: 'plain',
          owner: ANN,
          cluster: 'test',
          image: plain,
          bridge: { mode: 'sidecar' },
          ...spec,
        },
      });

  it('run by their own command, as what their tag stood for', async () => {
    const { body, status } = await post('/servers', {});
    expect([status, body.error]).toEqual([202, undefined]);
    const operation = await eventually<Operation>(async () => {
      const answer = await get(`/operations/${body.operation.id}`);
      return answer.body.finishedAt && answer.body;
    }, 180_000);
    expect([operation.state, operation.error]).toEqual([
      'succeeded',
      undefined,
    ]);

    const { items } = (await get('/servers/plain/revisions')).body;
    expect(items[0].digest).toMatch(/^sha256:/);
    const deployment = await place.api.json<V1Deployment>({
      method: 'GET',
      path: `/apis/apps/v1/namespaces/${place.namespace}/deployments/mcp-plain`,
    });
    const [server] = deployment.spec!.template.spec!.containers;
    expect(server.image).toBe(`${name}@${items[0].digest}`);
    const { tools } = (await get('/servers/plain/capabilities')).body;
    expect(tools.length).toBeGreaterThan(3);
  });

  it('are looked at before a deploy', async () => {
    const missing = await post('/servers/preview', {
      name: 'other',
      image: `${name}:none`,
    });
    expect([missing.status, missing.body.error?.message]).toEqual([
      400,
      expect.stringContaining('Push it first'),
    ]);
    const baked = await post('/servers/preview', {
      name: 'other',
      bridge: { mode: 'baked' },
    });
    expect(baked.body.warnings).toContainEqual(
      expect.objectContaining({ reason: 'NoBridge' }),
    );
  });
});
