/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .integer('good_revision')
      .comment('The last one that was seen to run; NULL before the first');
  });
  await knex.schema.alterTable('revisions', table => {
    table.string('origin', 24).notNullable().defaultTo('update');
    table.integer('restores').comment('The revision that a rollback went to');
    table.string('label', 63).comment('One revision of a server has it');
    table.unique(['server_id', 'label']);
  });
  await knex('revisions').where({ number: 1 }).update({ origin: 'create' });
  await knex.schema.alterTable('operations', table => {
    table
      .text('interruption')
      .comment('JSON: the error with which its runner is to end it');
  });
  await knex.schema.createTable('idempotency_keys', table => {
    table.string('principal', 255).notNullable();
    table.string('key', 255).notNullable();
    table
      .string('fingerprint', 64)
      .notNullable()
      .comment('Of the request, under a key that is not in the database');
    table
      .string('operation_id', 36)
      .notNullable()
      .references('id')
      .inTable('operations')
      .onDelete('CASCADE');
    table.string('created_at', 32).notNullable();
    table.primary(['principal', 'key']);
    table.index(['created_at']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('idempotency_keys');
  await knex.schema.alterTable('operations', table => {
    table.dropColumn('interruption');
  });
  await knex.schema.alterTable('revisions', table => {
    table.dropUnique(['server_id', 'label']);
  });
  await knex.schema.alterTable('revisions', table => {
    table.dropColumns('origin', 'restores', 'label');
  });
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('good_revision');
  });
};
