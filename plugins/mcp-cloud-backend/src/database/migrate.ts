import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Where the migrations are, in the repository and in the published package. */
export function migrationsDirectory(): string {
  return resolvePackagePath(
    '@mcp-cloud/plugin-mcp-cloud-backend',
    'migrations',
  );
}

/** Brings the database up to date, unless the platform does that by itself. */
export async function migrate(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  if (!database.migrations?.skip) {
    await knex.migrate.latest({ directory: migrationsDirectory() });
  }
  return knex;
}
