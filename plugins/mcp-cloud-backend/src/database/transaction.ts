import type { Knex } from 'knex';

/** Well below the length of a lease. Our transactions only ever speak with the database, one statement on the other. */
const MAX_IDLE_MS = 5_000;

/**
 * A transaction whose locks do not outlive a process that was paused, or a machine that is gone, in the midst of it:
 * PostgreSQL itself would hold them for as long as the connection looks alive, and no other replica could go on.
 */
export async function transaction<T>(
  knex: Knex,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  return knex.transaction(async trx => {
    if (knex.client.config.client === 'pg') {
      await trx.raw(
        `set local idle_in_transaction_session_timeout = ${MAX_IDLE_MS}`,
      );
    }
    return work(trx);
  });
}
