/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('usage_samples', table => {
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('hour', 32).notNullable().comment('When it begins');
    table.string('principal', 255).notNullable();
    table.string('tool', 128).notNullable();
    table.bigInteger('calls').notNullable();
    table.string('last_call_at', 32).notNullable();
    table.primary(['server_id', 'hour', 'principal', 'tool']);
    table.index(['hour']);
  });
  await knex.schema.createTable('usage_boots', table => {
    table
      .string('boot_id', 64)
      .primary()
      .comment('One run of one bridge, whose counts begin at 0');
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('seen_at', 32).notNullable();
    table.index(['seen_at']);
  });
  await knex.schema.createTable('usage_counters', table => {
    table
      .string('boot_id', 64)
      .notNullable()
      .references('boot_id')
      .inTable('usage_boots')
      .onDelete('CASCADE');
    table.string('principal', 255).notNullable();
    table.string('tool', 128).notNullable();
    table
      .bigInteger('calls')
      .notNullable()
      .comment('As of what is in usage_samples');
    table.primary(['boot_id', 'principal', 'tool']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of ['usage_counters', 'usage_boots', 'usage_samples']) {
    await knex.schema.dropTable(table);
  }
};
