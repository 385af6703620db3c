import { TestDatabases } from '@backstage/backend-test-utils';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';
import { testServices } from '../__testUtils__/testServices';
import { migrationsDirectory } from '../database/migrate';
import { UsageCollector } from './UsageCollector';
import { UsageStore } from './UsageStore';

jest.setTimeout(240_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const ALICE = 'user:default/alice';
const BOB = 'user:default/bob';

describe('usage of a server with two pods', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('drift-usage');
  });
  afterAll(() => rig?.stop());

  it('is exact over the end of a pod and of the backend', async () => {
    const { everything: image } = testImages();
    const knex = await databases.init('SQLITE_3');
    await knex.migrate.latest({ directory: migrationsDirectory() });
    const { serverId: id } = await testServices(
      knex,
      new FakeWorld(),
    ).commands.create(
      {
        spec: serverSpecSchema.parse({
          name: 'used',
          owner: ALICE,
          cluster: 'local',
          image,
        }),
        replicas: 2,
      },
      { principal: ALICE },
    );
    const input = testServer({ name: 'used', image }, { id, replicas: 2 });
    await rig.deploy(input);
    const running = () =>
      rig.until(
        rig.desired(input, { operation: undefined }),
        status => status.state === 'Running',
        120_000,
      );
    await running();

    const store = new UsageStore(knex);
    const collector = () =>
      new UsageCollector({
        clusters: rig.clusters,
        gateway: rig.gateway,
        store,
        logger: rig.logger,
      });
    const calls = async () => (await store.view(id, new Date(0))).calls;
    const call = async (subject: string, times: number) => {
      const client = new Client({ name: 'test', version: '1' });
      const url = new URL(await rig.serve(input, { subject }));
      const transport = new StreamableHTTPClientTransport(url);
      await client.connect(transport);
      for (let made = 0; made < times; made += 1) {
        await client.callTool({ name: 'echo', arguments: { message: 'x' } });
      }
      await transport.terminateSession();
      await client.close();
    };

    const first = collector();
    first.start();
    await first.collect();
    for (let round = 0; round < 4; round += 1) {
      await call(ALICE, 5);
      await call(BOB, 2);
    }
    // Each pod ends by itself; nobody asks it but the one who hears of its end.
    const pods = () => rig.cluster.observe({ id, name: 'used' }).pods;
    const names = pods().map(pod => pod.metadata!.name);
    for (const name of names) {
      await rig.cluster.api.json({
        method: 'DELETE',
        path: `/api/v1/namespaces/${rig.place.namespace}/pods/${name}`,
      });
    }
    await eventually(async () => (await calls()) === 28, 40_000);
    await eventually(
      () => pods().every(pod => !names.includes(pod.metadata!.name)),
      60_000,
    );
    await running();
    await call(BOB, 3);
    await first.collect();
    await first.stop();

    const second = collector();
    await second.collect();
    await call(ALICE, 1);
    await Promise.all([second.collect(), collector().collect()]);
    expect(await store.view(id, new Date(0))).toMatchObject({
      calls: 32,
      byPrincipal: [
        { principal: ALICE, calls: 21 },
        { principal: BOB, calls: 11 },
      ],
      byTool: [{ tool: 'echo', calls: 32 }],
    });
    await second.stop();
  });
});
