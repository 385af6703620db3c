/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('inventory', table => {
    table
      .text('manifest')
      .comment('JSON: as it was applied last; NULL while it is to be removed');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('inventory', table => {
    table.dropColumn('manifest');
  });
};
