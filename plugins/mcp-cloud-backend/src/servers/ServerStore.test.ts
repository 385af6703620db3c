import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { migrationsDirectory } from '../database/migrate';
import type { ServerRow } from '../database/rows';
import { testDatabases } from '../__testUtils__/testDatabases';
import { operationFor } from '../operations/operationFor';
import { OperationStore } from '../operations/OperationStore';
import { SecretVersions } from './SecretVersions';
import type { ServerFilter } from './ServerFilter';
import { columnsOf, ServerStore } from './ServerStore';

const databases = testDatabases();

describe.each(databases.eachSupportedId())('ServerStore on %s', id => {
  let knex: Knex;
  let store: ServerStore;
  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    store = new ServerStore(knex);
  });
  afterEach(() => knex.destroy());

  const specOf = (name: string, extra: object = {}) =>
    serverSpecSchema.parse({
      name,
      owner: 'group:default/a',
      cluster: 'local',
      image: `reg/${name}:1`,
      ...extra,
    });
  const now = '2026-11-02T00:00:00.000Z';
  function rowOf(name: string, extra: object = {}): ServerRow {
    return {
      ...columnsOf(specOf(name, extra)),
      id: `id-of-${name}`,
      name,
      live_name: name,
      cluster: specOf(name, extra).cluster,
      namespace: 'mcp',
      run_state: 'running',
      replicas: 1,
      revision: 1,
      good_revision: null,
      secret_version: null,
      restarted_at: null,
      silence: null,
      tokens_not_before: 0,
      fence: 0,
      version: 1,
      created_at: now,
      created_by: 'user:default/ann',
      updated_at: now,
      deleted_at: null,
    };
  }
  const insert = (row: ServerRow) =>
    store.transaction(trx =>
      store.insert(trx, row, {
        number: 1,
        spec: specOf(row.name),
        author: 'user:default/ann',
        createdAt: now,
        origin: 'create',
      }),
    );
  const names = async (...query: Parameters<ServerStore['list']>) =>
    (await store.list(...query)).map(row => row.name);

  it('holds one living server per name, also when several are made at once', async () => {
    const made = await Promise.allSettled(
      [1, 2, 3].map(number =>
        insert({ ...rowOf('weather'), id: `id-${number}` }),
      ),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(made.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'ConflictError' },
    });
    const first = (await store.findByName('weather'))!;
    await store.transaction(trx =>
      store.update(trx, first.id, { live_name: null, deleted_at: now }),
    );
    expect(await store.findByName('weather')).toBeUndefined();
    await insert({ ...rowOf('weather'), id: 'id-4' });
    expect(await store.findByName('weather')).toMatchObject({ id: 'id-4' });
    expect(await names()).toEqual(['weather']);
    expect(await store.findMany([first.id, 'id-4'])).toHaveLength(1);
    expect(await store.findById(first.id)).toMatchObject({ deleted_at: now });
  });

  it('filters, searches and obeys criteria', async () => {
    await insert(rowOf('alpha'));
    await insert(
      rowOf('beta', { owner: 'user:default/bob', application: 'sky' }),
    );
    await insert(
      rowOf('gam-ma', { cluster: 'far', image: 'reg/under_score:1' }),
    );
    expect(
      await names({ owners: ['user:default/bob', 'user:default/eve'] }),
    ).toEqual(['beta']);
    expect(await names({ application: 'sky' })).toEqual(['beta']);
    expect(await names({ cluster: 'far' })).toEqual(['gam-ma']);
    expect(await names({ text: 'BOB' })).toEqual(['beta']);
    // Wildcards of SQL are mere characters.
    expect(await names({ text: 'a%a' })).toEqual([]);
    expect(await names({ text: 'r_s' })).toEqual(['gam-ma']);
    expect(await names({ text: "' or 1=1 --" })).toEqual([]);

    const by = (column: ServerFilter['column'], ...values: string[]) => ({
      column,
      values,
    });
    expect(await names({ criteria: by('owner', 'user:default/bob') })).toEqual([
      'beta',
    ]);
    expect(await names({ criteria: by('owner') })).toEqual([]);
    expect(await names({ criteria: { not: by('cluster', 'far') } })).toEqual([
      'alpha',
      'beta',
    ]);
    const either = {
      anyOf: [by('owner', 'user:default/bob'), by('cluster', 'far')] as [
        ServerFilter,
        ServerFilter,
      ],
    };
    expect(await names({ criteria: either })).toEqual(['beta', 'gam-ma']);
    expect(
      await names({
        criteria: { allOf: [either, by('namespace', 'mcp')] },
        cluster: 'far',
      }),
    ).toEqual(['gam-ma']);
  });

  it('numbers secret versions without clashes, also with those that a crash left', async () => {
    const versions = new SecretVersions(knex);
    const server = {
      id: 'one',
      name: 'weather',
      cluster: 'local',
      namespace: 'mcp',
    };
    const reserved = await Promise.all(
      [1, 2, 3].map(() => versions.reserve(server, ['A'])),
    );
    expect([...reserved].sort()).toEqual([1, 2, 3]);
    expect(await versions.reserve({ ...server, id: 'two' }, ['A'])).toBe(4);
    expect(
      await store.transaction(trx => versions.activate(trx, 'one', 2)),
    ).toBe(true);
    expect(
      await store.transaction(trx => versions.activate(trx, 'one', 9)),
    ).toBe(false);
    expect(
      (await versions.listAbandoned(-1_000)).map(row => row.version).sort(),
    ).toEqual([1, 3, 4]);
    expect(await versions.listAbandoned(60_000)).toEqual([]);
    expect(await versions.names('one', 2)).toEqual(['A']);
  });

  it('knows what goes on with each server', async () => {
    const operations = new OperationStore(knex);
    const accept = (
      row: ServerRow,
      kind: 'deploy' | 'scale' | 'rotate' | 'delete',
    ) =>
      store.transaction(async trx => {
        await store.lock(trx, row.id);
        return operations.accept(
          trx,
          operationFor(row, kind, { principal: 'user:default/ann' }),
        );
      });
    const [alpha, beta] = [rowOf('alpha'), rowOf('beta')];
    await insert(alpha);
    await insert(beta);
    const deploy = await accept(alpha, 'deploy');
    await Promise.all([accept(alpha, 'scale'), accept(beta, 'rotate')]);
    await accept(alpha, 'delete');
    expect(await operations.openKinds()).toEqual(
      new Map([[alpha.id, 'delete']]),
    );
    expect(
      (await operations.currentOf([alpha.id, beta.id])).get(alpha.id),
    ).toMatchObject({ kind: 'delete' });
    await knex('operations').where({ id: deploy }).update({ state: 'running' });
    const current = await operations.currentOf([alpha.id, beta.id]);
    expect([current.get(alpha.id)!.kind, current.get(beta.id)!.kind]).toEqual([
      'deploy',
      'rotate',
    ]);
    expect((await operations.listOf(alpha.id)).map(({ kind }) => kind)).toEqual(
      ['delete', 'scale', 'deploy'],
    );
    expect(
      await operations.listAll({
        column: 'owner',
        values: ['group:default/b'],
      }),
    ).toEqual([]);
    expect(await operations.listAll(undefined)).toHaveLength(4);
    expect((await store.findById(alpha.id))!.version).toBe(4);
  });
});
