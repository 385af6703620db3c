/*
 * Times are ISO 8601 strings in UTC, leases and key times are milliseconds of the epoch, JSON is text: so both
 * databases hold and compare the same things.
 */

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('servers', table => {
    table.string('id', 36).primary().comment('Immutable UUID');
    table.string('name', 40).notNullable();
    table
      .string('live_name', 40)
      .unique()
      .comment('The name while the server lives, NULL afterwards');
    table.string('application', 63).notNullable();
    table.string('environment', 63).notNullable();
    table.string('owner', 255).notNullable().comment('Full entity reference');
    table.string('system', 255);
    table.string('cluster', 63).notNullable();
    table.string('namespace', 63).notNullable();
    table.string('image', 512).notNullable();
    table.string('catalog_ref', 255);
    table
      .string('handshake', 16)
      .notNullable()
      .comment('Of the newest revision');
    table.string('run_state', 16).notNullable();
    table.integer('replicas').notNullable();
    table.integer('revision').notNullable().comment('The newest');
    table.integer('secret_version').comment('Of the newest revision');
    table
      .string('restarted_at', 32)
      .comment('When a restart was last asked for');
    table.bigInteger('tokens_not_before').notNullable().comment('Unix seconds');
    table
      .integer('fence')
      .notNullable()
      .comment(
        'Grows with every runner that takes an operation of this server',
      );
    table
      .integer('version')
      .notNullable()
      .comment('Grows with every accepted change; the ETag');
    table.string('created_at', 32).notNullable();
    table.string('created_by', 255).notNullable();
    table.string('updated_at', 32).notNullable();
    table.string('deleted_at', 32);
    table.index(['owner']);
    table.index(['cluster']);
    table.index(['application']);
  });

  await knex.schema.createTable('revisions', table => {
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.integer('number').notNullable();
    table.text('spec').notNullable().comment('JSON');
    table.integer('secret_version');
    table.string('author', 255).notNullable();
    table.text('message');
    table.string('created_at', 32).notNullable();
    table.primary(['server_id', 'number']);
  });

  await knex.schema.createTable('operations', table => {
    table.string('id', 36).primary();
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('server_name', 40).notNullable();
    table
      .integer('seq')
      .notNullable()
      .comment('Order among the operations of one server');
    table.string('kind', 16).notNullable();
    table.string('state', 16).notNullable();
    table.string('principal', 255).notNullable();
    table
      .text('target')
      .notNullable()
      .comment('JSON: what the server is to be like afterwards, as accepted');
    table.text('error').comment('JSON');
    table.integer('fence').comment('Of the runner that has it');
    table
      .integer('applied_fence')
      .comment('Of the runner that wrote the objects last');
    table.string('lease_owner', 36);
    table
      .bigInteger('lease_until')
      .comment('Milliseconds, by the clock of the database');
    table.string('created_at', 32).notNullable();
    table.string('started_at', 32);
    table.string('finished_at', 32);
    table.unique(['server_id', 'seq']);
    table.index(['state', 'lease_until']);
    table.index(['created_at']);
  });

  await knex.schema.createTable('operation_events', table => {
    table
      .string('operation_id', 36)
      .notNullable()
      .references('id')
      .inTable('operations')
      .onDelete('CASCADE');
    table.integer('position').notNullable();
    table.string('name', 32).notNullable();
    table.string('state', 16).notNullable();
    table.text('message');
    table.string('started_at', 32);
    table.string('finished_at', 32);
    table.primary(['operation_id', 'name']);
  });

  await knex.schema.createTable('inventory', table => {
    table
      .string('server_id', 36)
      .notNullable()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.string('api_version', 128).notNullable();
    table.string('kind', 64).notNullable();
    table.string('namespace', 63).notNullable();
    table.string('name', 253).notNullable();
    table.primary(['server_id', 'api_version', 'kind', 'namespace', 'name']);
  });

  await knex.schema.createTable('capabilities', table => {
    table
      .string('server_id', 36)
      .primary()
      .references('id')
      .inTable('servers')
      .onDelete('CASCADE');
    table.integer('revision').notNullable();
    table.text('data').notNullable().comment('JSON');
    table.string('listed_at', 32).notNullable();
  });

  // No foreign key: a version is recorded before its server is.
  await knex.schema.createTable('secret_versions', table => {
    table.string('cluster', 63).notNullable();
    table.string('server_name', 40).notNullable();
    table.integer('version').notNullable();
    table.string('server_id', 36).notNullable();
    table
      .string('state', 16)
      .notNullable()
      .comment('pending until a revision uses it, then active');
    table
      .text('names')
      .notNullable()
      .comment('JSON: names of the variables, never values');
    table.string('created_at', 32).notNullable();
    table.primary(['cluster', 'server_name', 'version']);
    table.index(['server_id']);
  });

  await knex.schema.createTable('audit_events', table => {
    table.string('id', 36).primary();
    table.string('at', 32).notNullable();
    table.string('event', 64).notNullable();
    table
      .string('outcome', 16)
      .notNullable()
      .comment('succeeded, refused or failed');
    table.string('principal', 255).notNullable();
    table.string('server_id', 36);
    table.string('server_name', 40);
    table.string('operation_id', 36);
    table.text('reason');
    table.index(['at']);
    table.index(['server_id']);
  });

  await knex.schema.createTable('signing_keys', table => {
    table
      .integer('generation')
      .primary()
      .comment('1, 2, …; replicas that start at once agree by this key');
    table.string('kid', 64).notNullable().unique();
    table.text('public_key').notNullable().comment('JWK');
    table.text('sealed_private_key').notNullable();
    table
      .bigInteger('signs_from')
      .comment('Milliseconds; NULL while it is the coming one');
    table.string('created_at', 32).notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'signing_keys',
    'audit_events',
    'secret_versions',
    'capabilities',
    'inventory',
    'operation_events',
    'operations',
    'revisions',
    'servers',
  ]) {
    await knex.schema.dropTable(table);
  }
};
