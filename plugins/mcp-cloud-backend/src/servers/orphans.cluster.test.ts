import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';
import { eventually } from '../__testUtils__/eventually';
import { Orphans } from './Orphans';
import type { ServerStore } from './ServerStore';

jest.setTimeout(120_000);

describe('orphans in a real cluster', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('drift-orphans');
  });
  afterAll(() => rig?.stop());

  it('are found by their label and removed with their Secrets, and nothing is left', async () => {
    const server = testServer({ image: testImages().hello });
    await rig.deploy(server);
    // A database that was lost knows no server.
    const store = { findMany: async () => [] } as Pick<ServerStore, 'findMany'>;
    const { clusters, delivery } = rig;
    const orphans = new Orphans({ store, clusters, delivery });
    const [found] = await eventually(async () => {
      const { items } = await orphans.list();
      return items[0]?.objects.length === 7 && items;
    });
    expect(found).toMatchObject({ cluster: 'test', serverId: server.id });
    await orphans.remove('test', server.id);
    await eventually(async () => (await orphans.list()).items.length === 0);
    for (const kind of ['secrets', 'configmaps', 'services', 'pods']) {
      const { items } = await rig.place.api.json<{
        items: Array<{ metadata: { name: string } }>;
      }>({
        method: 'GET',
        path: `/api/v1/namespaces/${rig.place.namespace}/${kind}`,
      });
      const names = items.map(({ metadata }) => metadata.name);
      expect(names.filter(name => name !== 'kube-root-ca.crt')).toEqual([]);
    }
  });
});
