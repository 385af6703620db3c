import knexFactory from 'knex';
import { isDatabaseAway } from './isDatabaseAway';

const errorOf = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => undefined,
    error => error,
  );

describe('isDatabaseAway', () => {
  it('knows a PostgreSQL that is not there', async () => {
    const knex = knexFactory({
      client: 'pg',
      connection: 'postgresql://127.0.0.1:1/none',
    });
    expect(isDatabaseAway(await errorOf(knex.raw('select 1')))).toBe(true);
    await knex.destroy();
  });

  it('knows a pool that has no connection to give', async () => {
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
      pool: { min: 1, max: 1, acquireTimeoutMillis: 20 },
    });
    const held = await knex.transaction();
    expect(isDatabaseAway(await errorOf(knex.raw('select 1')))).toBe(true);
    await held.rollback();
    expect(isDatabaseAway(await errorOf(knex.raw('select nonsense')))).toBe(
      false,
    );
    await knex.destroy();
  });

  it.each([
    ['57P01', '', true],
    ['08006', '', true],
    [undefined, 'Connection terminated unexpectedly', true],
    ['23505', 'duplicate key', false],
    [undefined, 'no', false],
  ])('%s %s: %s', (code, message, isAway) => {
    expect(isDatabaseAway({ code, message })).toBe(isAway);
  });
});
