/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .text('silence')
      .comment(
        'JSON: since when how many pods do not answer; NULL when all do',
      );
  });
  await knex.schema.createTable('server_states', table => {
    table
      .string('server_id', 36)
      .primary()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('state', 16).notNullable().comment('As told last');
    table
      .string('down_since', 32)
      .comment('ISO time; NULL while it is as wanted');
    table
      .boolean('owner_told')
      .notNullable()
      .comment('Whether the owner was told that it is down');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('server_states');
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('silence');
  });
};
