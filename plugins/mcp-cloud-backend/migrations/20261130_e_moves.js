/*
 * While a server moves, it has objects in two clusters. The table is made anew, as its primary key grows.
 */

/**
 * @param {import('knex').Knex} knex
 * @param {boolean} withCluster
 */
async function rebuild(knex, withCluster) {
  const rows = await knex({ i: 'inventory' })
    .join('servers', 'servers.id', 'i.server_id')
    .select('i.*', 'servers.cluster as home');
  await knex.schema.dropTable('inventory');
  await knex.schema.createTable('inventory', table => {
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    if (withCluster) {
      table.string('cluster', 63).notNullable();
    }
    table.string('api_version', 128).notNullable();
    table.string('kind', 64).notNullable();
    table.string('namespace', 63).notNullable();
    table.string('name', 253).notNullable();
    table
      .text('manifest')
      .comment('JSON: as it was applied last; NULL while it is to be removed');
    table.primary([
      'server_id',
      ...(withCluster ? ['cluster'] : []),
      'api_version',
      'kind',
      'namespace',
      'name',
    ]);
  });
  const kept = rows
    .filter(({ cluster, home }) => withCluster || cluster === home)
    .map(({ home, cluster: _, ...row }) =>
      withCluster ? { ...row, cluster: home } : row,
    );
  await knex.batchInsert('inventory', kept, 50);
}

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await rebuild(knex, true);
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await rebuild(knex, false);
};
