/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('secret_versions', table => {
    table.string('namespace', 63).notNullable().defaultTo('');
  });
  // What a crash left has no server; until now a cluster had one namespace for all.
  await knex('secret_versions').update({
    namespace: knex.raw(
      `coalesce(
        (select namespace from servers where servers.id = secret_versions.server_id),
        (select min(namespace) from servers where servers.cluster = secret_versions.cluster),
        '')`,
    ),
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('secret_versions', table => {
    table.dropColumn('namespace');
  });
};
