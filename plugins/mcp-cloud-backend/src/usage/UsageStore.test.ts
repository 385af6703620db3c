import type { Knex } from 'knex';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { migrationsDirectory } from '../database/migrate';
import { UsageStore } from './UsageStore';

const databases = testDatabases();
jest.setTimeout(60_000);

const AT = '2026-11-21T17:30:00.000Z';
const LATER = '2026-11-21T18:05:00.000Z';
const ANN = 'user:default/ann';

describe.each(databases.eachSupportedId())('usage on %s', id => {
  let knex: Knex;
  let store: UsageStore;
  let server: string;
  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    store = new UsageStore(knex);
    const { commands } = testServices(knex, new FakeWorld());
    const spec = serverSpecSchema.parse({
      name: 'weather',
      owner: 'group:default/a',
      cluster: 'local',
      image: 'i:1',
    });
    const operation = await commands.create(
      { spec, replicas: 1 },
      { principal: ANN },
    );
    server = operation.serverId;
  });
  afterEach(() => knex.destroy());

  const report = (
    bootId: string,
    ...usage: Array<
      [principal: string, tool: string, calls: number, at?: string]
    >
  ) => ({
    bootId,
    usage: usage.map(([principal, tool, calls, lastCallAt = AT]) => ({
      principal,
      tool,
      calls,
      lastCallAt,
    })),
  });
  const view = () => store.view(server, new Date('2026-11-21T00:00:00Z'));

  it('counts each call once, however often and in whichever order reports come', async () => {
    await store.take(server, report('one', [ANN, 'echo', 3]));
    await store.take(server, report('one', [ANN, 'echo', 3]));
    await store.take(server, report('one', [ANN, 'echo', 7, LATER]));
    // One that was under way for long, and replicas that have the same at once.
    await store.take(server, report('one', [ANN, 'echo', 3]));
    await Promise.all(
      [1, 2, 3].map(() =>
        store.take(server, report('one', [ANN, 'echo', 9, LATER])),
      ),
    );
    expect(await view()).toMatchObject({
      calls: 9,
      lastCallAt: LATER,
      byHour: [
        { hour: '2026-11-21T17:00:00.000Z', calls: 3 },
        { hour: '2026-11-21T18:00:00.000Z', calls: 6 },
      ],
    });
  });

  it('adds what bridges counted after a restart, by principal and tool', async () => {
    await store.take(
      server,
      report('one', [ANN, 'echo', 5], ['user:default/bob', 'add', 1]),
    );
    await store.take(server, report('two', [ANN, 'echo', 2], [ANN, 'add', 4]));
    expect(await view()).toMatchObject({
      calls: 12,
      byPrincipal: [
        { principal: ANN, calls: 11 },
        { principal: 'user:default/bob', calls: 1 },
      ],
      byTool: [
        { tool: 'echo', calls: 7 },
        { tool: 'add', calls: 5 },
      ],
    });
    expect(await store.lastCalls([server, 'other'])).toEqual(
      new Map([[server, AT]]),
    );
    expect(
      (await store.view(server, new Date('2026-11-22T00:00:00Z'))).calls,
    ).toBe(0);
  });

  it('goes with its server', async () => {
    await store.take(server, report('one', [ANN, 'echo', 5]));
    await knex('servers').where({ id: server }).delete();
    for (const table of ['usage_samples', 'usage_boots', 'usage_counters']) {
      expect(await knex(table).select()).toEqual([]);
    }
  });
});
