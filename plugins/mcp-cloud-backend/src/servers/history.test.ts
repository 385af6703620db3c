import {
  isFinished,
  serverSpecSchema,
  type Operation,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { migrationsDirectory } from '../database/migrate';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import { RevisionStore } from './RevisionStore';

const ANN = 'user:default/ann';
const BY = { principal: ANN };
const databases = testDatabases();
jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())('what was, on %s', id => {
  let knex: Knex;
  let world: FakeWorld;
  let services: ReturnType<typeof testServices>;
  let revisions: RevisionStore;

  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    world = new FakeWorld();
    revisions = new RevisionStore(knex);
    services = testServices(knex, world, {
      history: {
        keepRevisions: 3,
        operationsMs: 1e9,
        auditMs: 1e9,
        usageMs: 1e9,
      },
      timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
    });
  });
  afterEach(async () => {
    await services.runner.stop();
    await knex.destroy();
  });

  const spec = (extra: object = {}) =>
    serverSpecSchema.parse({
      name: 'weather',
      owner: 'group:default/a',
      cluster: 'local',
      image: 'i:1',
      ...extra,
    });
  const find = () => services.queries.find('weather');
  const ended = ({ id: operation }: Operation) =>
    eventually(async () => {
      const now = await services.operations.get(operation);
      return now && isFinished(now) && now;
    }, 20_000);
  const make = async (extra: object = {}, secretValues = {}) =>
    ended(
      await services.commands.create(
        { spec: spec(extra), replicas: 2, secretValues },
        BY,
      ),
    );
  const update = async (extra: object, secretValues?: Record<string, string>) =>
    services.commands.update(
      await find(),
      '*',
      { spec: spec(extra), secretValues },
      BY,
    );
  const numbers = async () =>
    (await revisions.list((await find()).id)).map(({ number }) => number);
  /** Has every pod of this server fail from now on, or no more. */
  const breakPods = (broken: boolean) =>
    broken
      ? world.statuses.set('weather', {
          state: 'Failed',
          reason: 'CrashLoop',
          message: 'The server ends at once.',
          stderr: ['no API_KEY'],
        })
      : world.statuses.delete('weather');

  describe('rollback', () => {
    it('makes an earlier Spec and its secrets the newest, and never starts a stopped server', async () => {
      services.runner.start();
      await make({ secrets: ['KEY'] }, { KEY: 'one' });
      await ended(
        await update({ image: 'i:2', secrets: ['KEY'] }, { KEY: 'two' }),
      );
      await ended(await services.commands.stop(await find(), BY));
      const operation = await ended(
        await services.commands.rollback(await find(), 1, 'too slow', BY),
      );
      expect(operation).toMatchObject({
        kind: 'rollback',
        state: 'succeeded',
        revision: 3,
      });
      expect(await find()).toMatchObject({
        image: 'i:1',
        revision: 3,
        secret_version: 1,
        run_state: 'stopped',
      });
      expect(world.acts.at(-1)).toContain('r3 x0');
      expect(await revisions.get((await find()).id, 3)).toMatchObject({
        origin: 'rollback',
        restores: 1,
        message: 'too slow',
        author: ANN,
      });
      const row = await find();
      await expect(
        services.commands.rollback(row, 3, undefined, BY),
      ).rejects.toThrow('is the newest one already');
      await expect(
        services.commands.rollback(row, 9, undefined, BY),
      ).rejects.toThrow('There is no revision 9');
    });

    it('happens by itself when a deploy fails, and keeps why on the operation', async () => {
      services.runner.start();
      await make();
      breakPods(true);
      const deploy = await update({ image: 'i:2' });
      expect(await ended(deploy)).toMatchObject({
        state: 'failed',
        error: { reason: 'CrashLoop', stderr: ['no API_KEY'] },
      });
      const [rollback] = await services.queries.operations(await find());
      expect(rollback).toMatchObject({
        kind: 'rollback',
        revision: 3,
        principal: 'service:mcp-cloud',
      });
      breakPods(false);
      await ended(rollback);
      expect(await find()).toMatchObject({ image: 'i:1', revision: 3 });
      expect((await revisions.list((await find()).id))[0]).toMatchObject({
        origin: 'automatic-rollback',
        restores: 1,
        message: 'Revision 2 did not come up.',
      });
      expect(await knex('audit_events').select()).toMatchObject([
        { event: 'server-rollback', principal: 'service:mcp-cloud' },
      ]);
    });

    it('does not happen by itself when nothing ran before, and not twice', async () => {
      breakPods(true);
      services.runner.start();
      const first = await make();
      expect(first.state).toBe('failed');
      expect(await numbers()).toEqual([1]);
      breakPods(false);
      await ended(await services.commands.restart(await find(), BY));
      breakPods(true);
      await ended(await update({ image: 'i:2' }));
      const [rollback] = await services.queries.operations(await find());
      expect(await ended(rollback)).toMatchObject({
        kind: 'rollback',
        state: 'failed',
      });
      expect(await numbers()).toEqual([3, 2, 1]);
    });

    it('leaves the server to whoever asked for something else meanwhile', async () => {
      services.runner.start();
      await make();
      breakPods(true);
      const bad = await update({ image: 'i:2' });
      const better = await update({ image: 'i:3' });
      breakPods(false);
      expect(await ended(bad)).toMatchObject({ state: 'cancelled' });
      expect(await ended(better)).toMatchObject({ state: 'succeeded' });
      expect(await find()).toMatchObject({ image: 'i:3', revision: 3 });
    });
  });

  describe('pruning', () => {
    it('keeps the newest revisions, the one that ran last, and labelled ones, with their secrets', async () => {
      services.runner.start();
      await make({ secrets: ['KEY'] }, { KEY: 'v1' });
      for (const version of [2, 3, 4]) {
        await ended(
          await update(
            { image: `i:${version}`, secrets: ['KEY'] },
            { KEY: `v${version}` },
          ),
        );
      }
      await services.commands.label(await find(), 2, 'stable');
      breakPods(true);
      for (const version of [5, 6, 7]) {
        await ended(await update({ image: `i:${version}`, secrets: ['KEY'] }));
      }
      // Each failed one was followed by a rollback to the 4th, which ran last.
      await eventually(async () => (await find()).revision === 10);
      const [last] = await services.queries.operations(await find());
      await ended(last);
      await services.history.prune();
      expect(await numbers()).toEqual([10, 9, 8, 4, 2]);
      expect([...world.secrets.keys()].sort()).toEqual([
        'weather/2',
        'weather/4',
      ]);
    });

    it('moves a label from the revision that had it', async () => {
      services.runner.start();
      await make();
      await ended(await update({ image: 'i:2' }));
      const row = await find();
      await services.commands.label(row, 1, 'stable');
      await services.commands.label(row, 2, 'stable');
      const labels = async () =>
        (await revisions.list(row.id)).map(({ label }) => label);
      expect(await labels()).toEqual(['stable', undefined]);
      await services.commands.label(row, 2, null);
      expect(await labels()).toEqual([undefined, undefined]);
      await expect(services.commands.label(row, 7, 'x')).rejects.toThrow(
        'There is no revision 7',
      );
    });

    it('forgets old operations but the last, deleted servers, and old audit events', async () => {
      services.runner.start();
      await make();
      await ended(await services.commands.scale(await find(), 3, BY));
      const { id: living } = await find();
      await ended(
        await services.commands.create(
          { spec: spec({ name: 'gone' }), replicas: 1 },
          BY,
        ),
      );
      await ended(
        await services.commands.delete(await services.queries.find('gone'), BY),
      );
      await knex('audit_events').insert({
        id: 'old',
        at: '2020-01-01T00:00:00.000Z',
        event: 'server-get',
        outcome: 'refused',
        principal: ANN,
      });
      await services.history.prune();
      expect(await knex('servers').select('name')).toHaveLength(2);
      await knex('operations').update({
        finished_at: '2020-01-01T00:00:00.000Z',
      });
      await knex('servers')
        .whereNotNull('deleted_at')
        .update({ deleted_at: '2020-01-01T00:00:00.000Z' });
      await services.history.prune();
      expect(await knex('servers').select('name')).toEqual([
        { name: 'weather' },
      ]);
      expect(await knex('operations').select('server_id', 'kind')).toEqual([
        { server_id: living, kind: 'scale' },
      ]);
      expect(await knex('audit_events').select()).toEqual([]);
    });
  });

  describe('cancelling', () => {
    const cancel = async (operation: Operation) =>
      services.cancellation.cancel(await find(), operation, BY);

    it('ends a deploy that goes on, and goes back to what ran', async () => {
      services.runner.start();
      await make();
      world.statuses.set('weather', { state: 'Deploying' });
      const deploy = await update({ image: 'i:2' });
      await eventually(() => world.acts.some(act => act.includes('r2')));
      await cancel(deploy);
      expect(await ended(deploy)).toMatchObject({
        state: 'cancelled',
        error: { reason: 'Cancelled', message: `Cancelled by ${ANN}.` },
      });
      world.statuses.clear();
      const [back] = await services.queries.operations(await find());
      expect(await ended(back)).toMatchObject({
        kind: 'rollback',
        state: 'succeeded',
      });
      expect(await find()).toMatchObject({ image: 'i:1', revision: 3 });
    });

    it('turns back what has not begun', async () => {
      services.runner.start();
      await make();
      await services.runner.stop();
      const scale = await services.commands.scale(await find(), 7, BY);
      expect(await cancel(scale)).toMatchObject({ state: 'cancelled' });
      expect((await find()).replicas).toBe(2);
      const stop = await services.commands.stop(await find(), BY);
      expect(await cancel(stop)).toMatchObject({ state: 'cancelled' });
      expect((await find()).run_state).toBe('running');
    });

    it('is refused for what has ended, waits to be followed, or must not stop', async () => {
      services.runner.start();
      const done = await make();
      await services.runner.stop();
      await expect(cancel(done)).rejects.toThrow('has ended already');
      const deploy = await update({ image: 'i:2' });
      const scale = await services.commands.scale(await find(), 3, BY);
      await expect(cancel(deploy)).rejects.toThrow('Cancel that one first');
      await cancel(scale);
      const deletion = await services.commands.delete(await find(), BY);
      await expect(cancel(deletion)).rejects.toThrow('cannot be cancelled');
    });
  });
});
