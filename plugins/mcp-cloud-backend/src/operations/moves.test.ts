import {
  isFinished,
  serverSpecSchema,
  type Operation,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { KubeApiError } from '../clusters/KubeApiError';
import { migrationsDirectory } from '../database/migrate';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { Life } from '../__testUtils__/mortal';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testReplica } from '../__testUtils__/testReplica';
import { testServices } from '../__testUtils__/testServices';
import type { OperationRunner } from './OperationRunner';

const BY = { principal: 'user:default/ann' };
const LONG = { leaseMs: 30_000 };
const databases = testDatabases();
jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())('moves on %s', id => {
  let knex: Knex;
  let world: FakeWorld;
  let other: FakeWorld;
  let runners: OperationRunner[];
  let lives: Life[];
  let services: ReturnType<typeof testServices>;

  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    world = new FakeWorld();
    other = world.withOther();
    runners = [];
    lives = [];
    services = testServices(knex, world);
  });

  afterEach(async () => {
    lives.forEach(life => life.resume());
    await Promise.all(runners.map(runner => runner.stop()));
    await knex.destroy();
  });

  function replica(options: Parameters<typeof testReplica>[2] = {}) {
    const started = testReplica(knex, world, options);
    lives.push(started.life);
    runners.push(started.runner);
    return started;
  }

  const find = () => services.queries.find('weather');
  const ended = ({ id: operation }: Operation) =>
    eventually(async () => {
      const now = await services.operations.get(operation);
      return now && isFinished(now) && now;
    }, 20_000);
  const move = async (cluster = 'other', secretValues = { KEY: 'new' }) =>
    services.moves.move(await find(), { cluster, secretValues }, BY);

  /** A server with a secret that runs in the cluster `local`, made by a runner that has ended. */
  async function made() {
    const { runner } = replica(LONG);
    const spec = serverSpecSchema.parse({
      name: 'weather',
      owner: 'group:default/a',
      cluster: 'local',
      image: 'i:1',
      secrets: ['KEY'],
    });
    const change = { spec, replicas: 2, secretValues: { KEY: 'old' } };
    await ended(await services.commands.create(change, BY));
    await runner.stop();
    world.acts.length = 0;
    return find();
  }

  const revisions = async () =>
    (await knex('revisions').orderBy('number').select('number', 'origin')).map(
      ({ number, origin }) => `${number} ${origin}`,
    );
  /** Where there is something of the server: the clusters' objects, their Secrets, and what the tables say. */
  const places = async () => ({
    objects: [world.deployments.size, other.deployments.size],
    secrets: [[...world.secrets.keys()], [...other.secrets.keys()]],
    inventory: await knex('inventory').distinct().pluck('cluster'),
  });
  const HERE = {
    objects: [1, 0],
    secrets: [['weather/1'], []],
    inventory: ['local'],
  };
  const THERE = {
    objects: [0, 1],
    secrets: [[], ['weather/2']],
    inventory: ['other'],
  };

  it('deploy there, look whether it works, switch over, and remove here', async () => {
    const before = await made();
    replica(LONG);
    const operation = await ended(await move());
    expect(operation).toMatchObject({
      kind: 'move',
      state: 'succeeded',
      cluster: 'other',
      revision: 2,
    });
    expect(
      operation.steps.map(({ name, state }) => `${name} ${state}`),
    ).toEqual([
      'accepted succeeded',
      'secrets succeeded',
      'apply succeeded',
      'pods succeeded',
      'handshake succeeded',
      'switch succeeded',
      'remove succeeded',
    ]);
    expect(world.acts).toEqual([
      'apply weather r2 x2 fence 2 in other',
      'handshake weather in other',
      'remove mcp-weather',
      'apply weather r2 x2 fence 2 in other',
    ]);
    expect(await find()).toMatchObject({
      id: before.id,
      cluster: 'other',
      namespace: 'mcp-other',
      revision: 2,
      good_revision: 2,
      secret_version: 2,
    });
    expect(await revisions()).toEqual(['1 create', '2 move']);
    expect(await places()).toEqual(THERE);
    await services.history.prune();
    expect(await places()).toEqual(THERE);
    // And back again.
    expect(await ended(await move('local'))).toMatchObject({
      state: 'succeeded',
    });
    expect(await places()).toEqual({
      ...HERE,
      secrets: [['weather/3'], []],
    });
  });

  it.each([
    ['after', 'apply'],
    ['after', 'handshake'],
    ['before', 'remove'],
    ['after', 'remove'],
  ] as const)('are finished once after a kill -9 %s %s', async (when, at) => {
    await made();
    const life = new Life();
    let killed = false;
    world[when] = act => {
      if (act === at && !killed) {
        killed = true;
        life.pause();
      }
    };
    replica({ life });
    const operation = await move();
    await eventually(() => killed);
    replica();
    expect(await ended(operation)).toMatchObject({ state: 'succeeded' });
    expect(await places()).toEqual(THERE);
    expect(await revisions()).toEqual(['1 create', '2 move']);
    // The one that was killed was just asleep: it does nothing any more.
    life.resume();
    await ended(await services.commands.scale(await find(), 3, BY));
    expect(await places()).toEqual(THERE);
  });

  it('leave the server as it was when they fail, and what they made is removed', async () => {
    const before = await made();
    other.statuses.set('weather', {
      state: 'Failed',
      reason: 'ImagePullFailed',
      message: 'The image is not there.',
    });
    replica(LONG);
    expect(await ended(await move())).toMatchObject({
      state: 'failed',
      error: { reason: 'ImagePullFailed' },
    });
    expect(await find()).toMatchObject({
      cluster: 'local',
      revision: 1,
      good_revision: before.good_revision,
      secret_version: 1,
    });
    expect(await revisions()).toEqual(['1 create']);
    expect(world.acts.filter(act => !act.endsWith('in other'))).toEqual([]);
    expect((await places()).objects).toEqual([1, 1]);

    await services.moves.clear();
    const [rest] = await services.queries.operations(await find());
    expect(await ended(rest)).toMatchObject({
      kind: 'move',
      state: 'succeeded',
      principal: 'service:mcp-cloud',
    });
    await services.moves.clear();
    expect((await services.queries.operations(await find()))[0].id).toBe(
      rest.id,
    );
    // Values that nothing came to use are collected like those of any change that was not accepted.
    await services.secrets.collect();
    expect((await places()).secrets[1]).toEqual(['weather/2']);
    await knex('secret_versions')
      .where({ state: 'pending' })
      .update({ created_at: '2020-01-01T00:00:00.000Z' });
    await services.secrets.collect();
    expect(await places()).toEqual(HERE);
    // Nothing is in the way of the next try.
    other.statuses.clear();
    expect(await ended(await move())).toMatchObject({ state: 'succeeded' });
    expect(await places()).toEqual(THERE);
  });

  it('keep their secrets however long they take', async () => {
    await made();
    const operation = await move();
    await knex('secret_versions')
      .where({ state: 'pending' })
      .update({ created_at: '2020-01-01T00:00:00.000Z' });
    await services.secrets.collect();
    await services.history.prune();
    replica(LONG);
    expect(await ended(operation)).toMatchObject({ state: 'succeeded' });
    expect(await places()).toEqual(THERE);
  });

  it('are cancelled before the switch, and not after it', async () => {
    await made();
    other.statuses.set('weather', { state: 'Deploying' });
    replica(LONG);
    const cancel = async (operation: Operation) =>
      services.cancellation.cancel(await find(), operation, BY);
    const first = await move();
    await eventually(() => other.deployments.size === 1);
    await cancel(first);
    runners.at(-1)!.wake((await find()).id);
    expect(await ended(first)).toMatchObject({
      state: 'cancelled',
      error: { reason: 'Cancelled' },
    });
    expect(await find()).toMatchObject({ cluster: 'local', revision: 1 });
    expect(world.deployments.size).toBe(1);

    other.statuses.clear();
    let go = () => {};
    const gate = new Promise<void>(resolve => {
      go = resolve;
    });
    world.before = act => (act === 'remove' ? gate : undefined);
    const second = await move();
    await eventually(async () => (await find()).cluster === 'other');
    await expect(cancel(second)).rejects.toThrow('runs in "other" already');
    go();
    expect(await ended(second)).toMatchObject({ state: 'succeeded' });
  });

  it('have other changes wait, and new keys go to where the server comes', async () => {
    await made();
    const row = await find();
    const operation = await move();
    await expect(services.commands.scale(row, 3, BY)).rejects.toThrow(
      '"weather" is being moved',
    );
    await expect(move()).rejects.toThrow('"weather" is being moved');
    const keys = await services.commands.revokeTokens(row, BY);
    replica(LONG);
    await ended(operation);
    expect(await ended(keys)).toMatchObject({ state: 'succeeded' });
    expect(world.acts.at(-1)).toBe('apply weather r2 x2 fence 3 in other');
    expect(await places()).toEqual(THERE);
  });

  it('leave a cluster that is away, and clear it when it is back', async () => {
    await made();
    world.before = act => {
      if (act === 'remove') {
        throw new KubeApiError('It does not answer.', 0, 'Unreachable');
      }
    };
    world.health = { state: 'unreachable', since: new Date() };
    replica(LONG);
    const operation = await ended(await move());
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.steps.at(-1)?.message).toMatch(/left in local/);
    expect((await find()).cluster).toBe('other');
    await services.moves.clear();
    expect(await services.queries.operations(await find())).toHaveLength(2);

    world.before = () => {};
    world.health = { state: 'ok', since: new Date() };
    await services.moves.clear();
    const [rest] = await services.queries.operations(await find());
    expect(await ended(rest)).toMatchObject({ state: 'succeeded' });
    expect(await places()).toEqual(THERE);
  });

  it('give way to a deletion, which leaves nothing anywhere', async () => {
    const row = await made();
    other.statuses.set('weather', { state: 'Deploying' });
    replica(LONG);
    const operation = await move();
    await eventually(() => other.deployments.size === 1);
    const deletion = await services.commands.delete(row, BY);
    runners.at(-1)!.wake(row.id);
    expect(await ended(deletion)).toMatchObject({ state: 'succeeded' });
    expect(await ended(operation)).toMatchObject({ state: 'cancelled' });
    expect(await places()).toEqual({
      objects: [0, 0],
      secrets: [[], []],
      inventory: [],
    });
  });

  it('take a stopped server along without starting it', async () => {
    const row = await made();
    replica(LONG);
    await ended(await services.commands.stop(row, BY));
    const operation = await ended(await move());
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.steps.map(({ name }) => name)).not.toContain('handshake');
    expect(world.acts.at(-1)).toBe('apply weather r2 x0 fence 3 in other');
    expect(await find()).toMatchObject({
      run_state: 'stopped',
      good_revision: 2,
    });
  });

  it('are not undone by a rollback, which keeps the values of now', async () => {
    await made();
    replica(LONG);
    await ended(await move());
    const spec = serverSpecSchema.parse({
      ...JSON.parse(
        (await knex('revisions').where({ number: 2 }).first()).spec,
      ),
      image: 'i:2',
    });
    await ended(
      await services.commands.update(await find(), '*', { spec }, BY),
    );
    await ended(
      await services.commands.rollback(await find(), 1, undefined, BY),
    );
    expect(await find()).toMatchObject({
      cluster: 'other',
      image: 'i:1',
      revision: 4,
      secret_version: 2,
    });
    expect(await places()).toEqual(THERE);
  });

  it('need another cluster, and the values of all secrets', async () => {
    await made();
    await expect(move('local')).rejects.toThrow('runs in "local" already');
    await expect(move('none')).rejects.toThrow('Known clusters: local, other');
    await expect(move('other', {} as never)).rejects.toThrow(
      'secretValues.KEY: The value of this secret is missing.',
    );
    expect(await places()).toEqual(HERE);
    expect(await knex('operations')).toHaveLength(1);
  });
});
