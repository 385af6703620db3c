import {
  isFinished,
  serverSpecSchema,
  type Operation,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { exportLines, fileOf } from '../__testUtils__/testBackup';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import type { ServerRow } from '../database/rows';
import { migrationsDirectory } from '../database/migrate';
import { SigningKeyStore } from '../keys/SigningKeyStore';
import { UsageStore } from '../usage/UsageStore';
import { BackupImport } from './BackupImport';
import { BACKUP_TABLES } from './tables';

const BY = { principal: 'user:default/ann' };
const SECRET = 'a secret for a test';
const databases = testDatabases();
jest.setTimeout(120_000);

/** What there is in the database and not in a backup, and why. */
const LEFT_OUT = [
  // Whoever held a lease is not there any more.
  'operations.lease_owner',
  'operations.lease_until',
  // What was seen of pods is seen anew.
  'servers.silence',
  'server_states.server_id',
  'server_states.state',
  'server_states.down_since',
  'server_states.owner_told',
];

describe.each(databases.eachSupportedId())('backups on %s', id => {
  let world: FakeWorld;
  const open: Array<() => Promise<unknown>> = [];

  beforeEach(() => {
    world = new FakeWorld();
  });
  afterEach(async () => {
    for (const close of open.splice(0)) {
      await close();
    }
  });

  async function empty(): Promise<Knex> {
    const knex = await databases.init(id);
    open.push(() => knex.destroy());
    await knex.migrate.latest({ directory: migrationsDirectory() });
    await new SigningKeyStore(knex, SECRET).load();
    return knex;
  }

  /** A portal that carries operations out on this database. */
  function portal(knex: Knex) {
    const services = testServices(knex, world, {
      timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
    });
    services.runner.start();
    open.unshift(() => services.runner.stop());
    const ended = async (operation: Promise<Operation>) => {
      const { id: accepted } = await operation;
      return eventually(async () => {
        const now = await services.operations.get(accepted);
        return now && isFinished(now) && now;
      }, 20_000);
    };
    const find = (name: string) => services.queries.find(name);
    return { ...services, ended, find };
  }
  const etagOf = ({ version }: ServerRow) => `"${version}"`;
  const spec = (name: string, extra: object = {}) =>
    serverSpecSchema.parse({
      name,
      owner: 'group:default/a',
      cluster: 'local',
      image: 'i:1',
      ...extra,
    });

  /** A portal with something of everything. */
  async function lived() {
    const knex = await empty();
    const world1 = portal(knex);
    const { commands, ended, find } = world1;
    await ended(
      commands.create(
        {
          spec: spec('weather', { secrets: ['KEY'] }),
          replicas: 2,
          secretValues: { KEY: 'hush-hush' },
        },
        {
          ...BY,
          idempotencyKey: { key: 'once', fingerprint: 'f'.repeat(64) },
        },
      ),
    );
    const weather = await find('weather');
    await ended(
      commands.update(
        weather,
        etagOf(weather),
        { spec: spec('weather', { secrets: ['KEY'], image: 'i:2' }) },
        BY,
      ),
    );
    await knex('revisions')
      .where({ server_id: weather.id, number: 1 })
      .update({ label: 'stable' });
    await ended(commands.create({ spec: spec('gone'), replicas: 1 }, BY));
    await ended(commands.delete(await find('gone'), BY));
    await new UsageStore(knex).take(weather.id, {
      bootId: 'boot',
      usage: [
        {
          principal: 'user:default/bob',
          tool: 'echo',
          calls: 7,
          lastCallAt: '2026-11-30T10:20:00.000Z',
        },
      ],
    });
    await knex('server_keys').insert({
      id: 'key',
      server_id: weather.id,
      name: 'ci',
      hash: 'a'.repeat(64),
      scopes: '["call"]',
      created_at: '2026-11-30T10:00:00.000Z',
      created_by: BY.principal,
    });
    await knex('audit_events').insert({
      id: 'event',
      at: '2026-11-30T10:00:00.000Z',
      event: 'server-create',
      outcome: 'succeeded',
      principal: BY.principal,
      server_id: weather.id,
      reason: 'Ünïcödé ✓ and\na line',
    });
    await world1.runner.stop();
    return { knex, weather };
  }
  const importer = (knex: Knex, keySecret = SECRET) =>
    new BackupImport({ knex, clusters: world.clusters, keySecret });
  const take = (knex: Knex, lines: string[], ownKeys = false) =>
    importer(knex).read(fileOf(lines), { ownKeys });
  /** The number of rows in all tables, keys aside. */
  async function countOf(knex: Knex): Promise<number> {
    const names = BACKUP_TABLES.map(({ name }) => name);
    const counts = await Promise.all(
      names
        .filter(name => name !== 'signing_keys')
        .map(async name => Number((await knex(name).count({ n: '*' }))[0].n)),
    );
    return counts.reduce((sum, n) => sum + n, 0);
  }

  it('hold every table and column, or say why not', async () => {
    const knex = await empty();
    const tables: string[] = (
      id === 'SQLITE_3'
        ? await knex('sqlite_master').where({ type: 'table' }).pluck('name')
        : await knex('information_schema.tables')
            .where({ table_schema: 'public' })
            .pluck('table_name')
    ).filter((name: string) => !/^(knex|sqlite)_/.test(name));
    const columns: string[] = [];
    for (const table of tables) {
      const info = await knex(table).columnInfo();
      columns.push(...Object.keys(info).map(column => `${table}.${column}`));
    }
    const kept = BACKUP_TABLES.flatMap(({ name, row }) =>
      Object.keys(row.shape).map(column => `${name}.${column}`),
    );
    expect([...kept, ...LEFT_OUT].sort()).toEqual(columns.sort());
  });

  it('come back as they were', async () => {
    const { knex } = await lived();
    const lines = await exportLines(knex);
    const tables = new Set(
      lines.slice(1, -1).map(one => JSON.parse(one).table),
    );
    expect([...tables]).toEqual(BACKUP_TABLES.map(({ name }) => name));
    const target = await empty();
    expect(await take(target, lines)).toMatchObject({
      servers: 1,
      rows: lines.length - 2,
      signingKeys: 'restored',
    });
    const again = await exportLines(target);
    expect(again.slice(1)).toEqual(lines.slice(1));
    expect(await target('usage_samples').sum({ n: 'calls' })).toEqual(
      await knex('usage_samples').sum({ n: 'calls' }),
    );
  });

  it('never hold values of secrets, nor versions that nothing uses yet', async () => {
    const { knex } = await lived();
    await knex('secret_versions').insert({
      cluster: 'local',
      server_name: 'weather',
      version: 9,
      server_id: 'x',
      state: 'pending',
      names: '["KEY"]',
      created_at: '2026-11-30T10:00:00.000Z',
    });
    const text = (await exportLines(knex)).join('\n');
    expect([...world.secrets.values()]).toContainEqual({ KEY: 'hush-hush' });
    expect(text).not.toContain('hush');
    expect(text).not.toContain(Buffer.from('hush-hush').toString('base64'));
    expect(text).toContain('[\\"KEY\\"]');
    expect(text).not.toContain('pending');
  });

  it('let a portal go on where the other one ended, above every stamp in the cluster', async () => {
    const { knex, weather } = await lived();
    const lines = await exportLines(knex);
    // The backup gets old: operations raise the stamps, and a new version of the secrets comes.
    const before = portal(knex);
    for (const replicas of [3, 1, 2, 4]) {
      await before.ended(before.commands.scale(weather, replicas, BY));
    }
    await before.ended(
      before.commands.update(
        await before.find('weather'),
        etagOf(await before.find('weather')),
        {
          spec: spec('weather', { secrets: ['KEY'], image: 'i:3' }),
          secretValues: { KEY: 'of the time after' },
        },
        BY,
      ),
    );
    await before.runner.stop();
    const stamp = Number((await before.find('weather')).fence);
    const acts = world.acts.length;

    const target = await empty();
    await take(target, lines);
    const after = portal(target);
    const row = await after.find('weather');
    expect(row.fence).toBeLessThan(stamp - 1);
    expect(world.acts).toHaveLength(acts);
    expect(await after.ended(after.commands.scale(row, 5, BY))).toMatchObject({
      state: 'succeeded',
    });
    expect(world.acts.slice(acts)).toEqual([
      `apply weather r2 x5 fence ${stamp + 1}`,
      `apply weather r2 x5 fence ${stamp + 1}`,
    ]);
    await after.ended(
      after.commands.update(
        await after.find('weather'),
        etagOf(await after.find('weather')),
        {
          spec: spec('weather', { secrets: ['KEY'] }),
          secretValues: { KEY: 'new' },
        },
        BY,
      ),
    );
    expect((await after.find('weather')).secret_version).toBe(3);
    expect(world.secrets.get('weather/2')).toEqual({
      KEY: 'of the time after',
    });
    expect(world.secrets.get('weather/3')).toEqual({ KEY: 'new' });
  });

  it('have an operation that was under way carried out', async () => {
    const knex = await empty();
    const services = testServices(knex, world);
    const { id: operation } = await services.commands.create(
      { spec: spec('weather'), replicas: 1 },
      BY,
    );
    await knex('operations').update({
      state: 'running',
      lease_owner: 'somebody',
      lease_until: Date.now() + 3600_000,
      started_at: new Date().toISOString(),
    });
    const target = await empty();
    await take(target, await exportLines(knex));
    const { operations } = portal(target);
    const ended = await eventually(async () => {
      const now = await operations.get(operation);
      return now && isFinished(now) && now;
    }, 20_000);
    expect(ended.state).toBe('succeeded');
  });

  it('go into a portal without servers only', async () => {
    const { knex } = await lived();
    const lines = await exportLines(knex);
    const before = await countOf(knex);
    await expect(take(knex, lines)).rejects.toMatchObject({
      name: 'ConflictError',
      message:
        'A backup goes into a portal without servers, and this one has weather. Use an empty database.',
    });
    // Of deleted servers the database may know, but not of the same ones.
    await knex('servers').update({ live_name: null });
    await expect(take(knex, lines)).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringMatching(/^Lines 2 to 3 \(servers\): One of these/),
    });
    expect(await countOf(knex)).toBe(before);
  });

  it('bring their signing keys, when the secret that seals them is the same', async () => {
    const { knex } = await lived();
    const lines = await exportLines(knex);
    const kids = (database: Knex) =>
      database('signing_keys').orderBy('generation').pluck('kid');
    const target = await empty();
    const own = await kids(target);
    await expect(
      importer(target, 'another secret').read(fileOf(lines), {
        ownKeys: false,
      }),
    ).rejects.toThrow(/^Line \d+: The signing keys were sealed with another/);
    expect(await kids(target)).toEqual(own);
    expect(await countOf(target)).toBe(0);
    expect(
      await importer(target, 'another secret').read(fileOf(lines), {
        ownKeys: true,
      }),
    ).toMatchObject({ servers: 1, signingKeys: 'own' });
    expect(await kids(target)).toEqual(own);
    const other = await empty();
    await take(other, lines);
    expect(await kids(other)).toEqual(await kids(knex));
    await new SigningKeyStore(other, SECRET).load();
  });

  it('are refused with the number of the line that is wrong, and then nothing is there', async () => {
    const { knex } = await lived();
    const good = await exportLines(knex);
    const target = await empty();
    const first = (table: string) =>
      good.findIndex(one => one.startsWith(`{"table":"${table}"`));
    const living = good.findIndex(one => one.includes('"live_name":"weather"'));
    const edit = (index: number, change: (value: any) => void) => {
      const value = JSON.parse(good[index]);
      change(value);
      return good.with(index, JSON.stringify(value));
    };
    const revision = first('revisions');
    const cases: Array<[string[], string]> = [
      [[], 'The file is empty.'],
      [['{"hello":1}'], 'Line 1: This is not the first line of a backup'],
      [good.slice(1), 'Line 1: This is not the first line of a backup'],
      [
        edit(0, header => Object.assign(header, { version: 2, more: 1 })),
        'Line 1: This backup has version 2, and this release reads version 1.',
      ],
      [good.slice(0, -1), `ends after line ${good.length - 1} and lacks`],
      [good.toSpliced(3, 1), `Line ${good.length - 1}: ${good.length - 3} of`],
      [[...good, good[1]], `Line ${good.length + 1}: Something stands after`],
      [good.with(4, '{"table":'), 'Line 5: This is not JSON.'],
      [good.with(4, '[]'), 'Line 5: '],
      [
        good.with(4, 'x'.repeat(17 * 1024 * 1024)),
        'Line 5: A line is longer than',
      ],
      [
        edit(1, ({ row }) => (row.colour = 'red')),
        'Line 2: There is no such field: "colour".',
      ],
      [
        edit(1, one => (one.__proto = {})),
        'Line 2: There is no such field: "__proto".',
      ],
      [
        edit(1, one => (one.table = 'users')),
        'Line 2: There is no table "users" in a backup.',
      ],
      [
        edit(1, ({ row }) => delete row.owner),
        'Line 2: owner: This field is missing.',
      ],
      [edit(1, ({ row }) => (row.fence = 2 ** 31)), 'Line 2: fence: '],
      [
        edit(1, ({ row }) => (row.owner = 'a\0b')),
        'Line 2: owner: A text has no NUL',
      ],
      [
        edit(living, ({ row }) => (row.cluster = 'mars')),
        `Line ${
          living + 1
        }: The server "weather" runs in the namespace mcp of the cluster mars`,
      ],
      [
        edit(revision, ({ row }) => (row.spec = '{"name":"weather"}')),
        `Line ${revision + 1}: spec: This is not a Spec in JSON.`,
      ],
      [
        edit(revision, ({ row }) => (row.server_id = 'nobody')),
        `Lines ${revision + 1} to`,
      ],
      [good.with(revision, good[revision + 1]), `Lines ${revision + 1} to`],
    ];
    for (const [lines, problem] of cases) {
      await expect(take(target, lines)).rejects.toMatchObject({
        name: expect.stringMatching(/InputError|ConflictError/),
        message: expect.stringContaining(problem),
      });
      expect(await countOf(target)).toBe(0);
    }
    await take(target, good);
    expect(await countOf(target)).toBeGreaterThan(20);
  });

  it('take a thousand servers page by page', async () => {
    const { knex, weather } = await lived();
    const [row] = await knex('servers').where({ id: weather.id });
    const [revision] = await knex('revisions').where({ server_id: weather.id });
    const names = Array.from(
      { length: 1_000 },
      (_, index) => `server-${index}`,
    );
    await knex.batchInsert(
      'servers',
      names.map(name => ({ ...row, id: name, name, live_name: name })),
      100,
    );
    await knex.batchInsert(
      'revisions',
      names.flatMap(name =>
        [1, 2, 3].map(number => ({
          ...revision,
          server_id: name,
          number,
          label: null,
        })),
      ),
      100,
    );
    const lines = await exportLines(knex);
    expect(new Set(lines).size).toBe(lines.length);
    const target = await empty();
    expect(await take(target, lines)).toMatchObject({ servers: 1_001 });
    expect((await exportLines(target)).slice(1)).toEqual(lines.slice(1));
  });
});
