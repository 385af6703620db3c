import type { Knex } from 'knex';

/**
 * The time by the clock of the database, in milliseconds, plus an offset. Leases are measured by this one clock, so
 * that replicas whose own clocks differ still agree on who holds what.
 */
export function databaseTime(knex: Knex, plusMs = 0): Knex.Raw {
  return knex.client.config.client === 'pg'
    ? knex.raw(
        '((extract(epoch from clock_timestamp()) * 1000)::bigint + ?::bigint)',
        [plusMs],
      )
    : knex.raw(
        "(CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) + ?)",
        [plusMs],
      );
}
