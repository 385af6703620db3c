/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .string('scaling', 64)
      .comment('JSON: {min, max} of the newest revision; NULL when fixed');
  });
  await knex.schema.alterTable('servers', table => {
    table
      .string('public_address', 460)
      .unique()
      .comment('Host and path of the newest revision; NULL when not exposed');
  });
  await knex.schema.createTable('server_keys', table => {
    table.string('id', 36).primary();
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('name', 100).notNullable().comment('For people');
    table.string('hash', 64).notNullable().comment('SHA-256, in hex');
    table.text('scopes').notNullable().comment('JSON');
    table.string('created_at', 32).notNullable();
    table.string('created_by', 255).notNullable();
    table.index(['server_id']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('server_keys');
  await knex.schema.alterTable('servers', table => {
    table.dropUnique(['public_address']);
  });
  await knex.schema.alterTable('servers', table => {
    table.dropColumns('scaling', 'public_address');
  });
};
