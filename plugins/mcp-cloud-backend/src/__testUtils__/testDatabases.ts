import {
  TestDatabases,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';

const POSTGRES_URL = 'BACKSTAGE_TEST_DATABASE_POSTGRES15_CONNECTION_STRING';

/**
 * The databases that tests run on: SQLite always, PostgreSQL when its connection string is there. With
 * `MCP_CLOUD_TEST_POSTGRES` set, as the full test run does, a missing PostgreSQL is an error and never a skipped test.
 */
export function testDatabases(): TestDatabases {
  const ids: TestDatabaseId[] = ['SQLITE_3'];
  if (process.env[POSTGRES_URL]) {
    ids.push('POSTGRES_15');
  } else if (process.env.MCP_CLOUD_TEST_POSTGRES) {
    throw new Error(
      `MCP_CLOUD_TEST_POSTGRES asks for tests on PostgreSQL, but ${POSTGRES_URL} is not set.`,
    );
  }
  return TestDatabases.create({ ids, disableDocker: true });
}
