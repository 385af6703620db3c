import { migrationsDirectory } from './migrate';
import { testDatabases } from '../__testUtils__/testDatabases';

const TABLES = [
  'servers',
  'revisions',
  'operations',
  'operation_events',
  'inventory',
  'capabilities',
  'secret_versions',
  'audit_events',
  'signing_keys',
  'idempotency_keys',
  'server_keys',
  'usage_samples',
  'usage_boots',
  'usage_counters',
  'server_states',
];

const databases = testDatabases();

describe.each(databases.eachSupportedId())('migrations on %s', id => {
  it('go up, down and up again', async () => {
    const knex = await databases.init(id);
    const directory = migrationsDirectory();
    const present = async () => {
      const found = await Promise.all(
        TABLES.map(table => knex.schema.hasTable(table)),
      );
      return TABLES.filter((_, index) => found[index]);
    };

    await knex.migrate.latest({ directory });
    expect(await present()).toEqual(TABLES);
    await knex.migrate.rollback({ directory }, true);
    expect(await present()).toEqual([]);
    await knex.migrate.latest({ directory });
    expect(await present()).toEqual(TABLES);
    await knex.destroy();
  });
});
