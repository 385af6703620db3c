/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('revisions', table => {
    table
      .text('image')
      .comment(
        'JSON: digest, command and user of its image; NULL when not known',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('revisions', table => {
    table.dropColumn('image');
  });
};
