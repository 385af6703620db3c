import {
  isFinished,
  serverSpecSchema,
  type Operation,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { KubeApiError } from '../clusters/KubeApiError';
import { migrationsDirectory } from '../database/migrate';
import { testDatabases } from '../__testUtils__/testDatabases';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { Life } from '../__testUtils__/mortal';
import { testReplica } from '../__testUtils__/testReplica';
import { testServices } from '../__testUtils__/testServices';
import { AppliedManifests } from './AppliedManifests';
import type { OperationRunner } from './OperationRunner';

const ANN = 'user:default/ann';
const BY = { principal: ANN };
const databases = testDatabases();
jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())('operations on %s', id => {
  let knex: Knex;
  let world: FakeWorld;
  let runners: OperationRunner[];
  let lives: Life[];
  let services: ReturnType<typeof testServices>;

  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    world = new FakeWorld();
    runners = [];
    lives = [];
    services = testServices(knex, world);
  });

  afterEach(async () => {
    lives.forEach(life => life.resume());
    await Promise.all(runners.map(runner => runner.stop()));
    await knex.destroy();
  });

  /** A backend replica with a life of its own on the common database and cluster. */
  function replica(options: Parameters<typeof testReplica>[2] = {}) {
    const made = testReplica(knex, world, options);
    lives.push(made.life);
    runners.push(made.runner);
    return made;
  }

  function create(
    name: string,
    extra: { replicas?: number; secretValues?: Record<string, string> } = {},
  ) {
    const { replicas = 1, secretValues } = extra;
    const secrets = Object.keys(secretValues ?? {});
    const spec = serverSpecSchema.parse({
      name,
      owner: 'group:default/a',
      cluster: 'local',
      image: 'i:1',
      secrets,
    });
    return services.commands.create({ spec, replicas, secretValues }, BY);
  }

  const ended = ({ id: operation }: Operation) =>
    eventually(async () => {
      const now = await services.operations.get(operation);
      return now && isFinished(now) && now;
    }, 20_000);
  const find = (name: string) => services.queries.find(name);
  const stepsOf = ({ steps }: Operation) =>
    steps.map(step => `${step.name} ${step.state}`);

  it('repair a server with what was applied, also when rendering has changed since', async () => {
    replica({ leaseMs: 30_000 });
    await ended(await create('weather', { replicas: 2 }));
    const row = await find('weather');
    const [applied] = await new AppliedManifests(knex).of(row.id);
    expect(applied).toMatchObject({
      kind: 'Deployment',
      spec: { replicas: 2 },
    });
    world.renders = objects =>
      objects.map(object => ({ ...object, spec: { replicas: 7 } }));
    world.acts.length = 0;
    const repair = await services.repair.repair(row, BY);
    expect(await ended(repair)).toMatchObject({
      kind: 'repair',
      state: 'succeeded',
    });
    expect(world.acts).toEqual([
      'apply weather r1 x2 fence 2',
      'handshake weather',
      'apply weather r1 x2 fence 2',
    ]);
    // Two replicas that see the same change.
    const both = await Promise.allSettled([
      services.repair.repairByItself(row),
      services.repair.repairByItself(row),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
  });

  it('deploy, scale, stop, start, restart and delete a server, one after the other', async () => {
    const deploy = await create('weather', {
      replicas: 2,
      secretValues: { KEY: 'value' },
    });
    expect(deploy).toMatchObject({
      kind: 'deploy',
      state: 'queued',
      revision: 1,
      principal: ANN,
    });
    const row = await find('weather');
    replica({ leaseMs: 30_000 });
    expect(stepsOf(await ended(deploy))).toEqual([
      'accepted succeeded',
      'secrets succeeded',
      'apply succeeded',
      'pods succeeded',
      'handshake succeeded',
    ]);
    for (const act of [
      () => services.commands.scale(row, 3, BY),
      () => services.commands.stop(row, BY),
      () => services.commands.start(row, BY),
      () => services.commands.restart(row, BY),
    ]) {
      expect(await ended(await act())).toMatchObject({ state: 'succeeded' });
    }
    // Each twice, as objects are written once more at the end.
    expect(world.acts).toEqual([
      ...[
        'apply weather r1 x2 fence 1',
        'handshake weather',
        'apply weather r1 x2 fence 1',
      ],
      ...['apply weather r1 x3 fence 2', 'apply weather r1 x3 fence 2'],
      ...['apply weather r1 x0 fence 3', 'apply weather r1 x0 fence 3'],
      ...[
        'apply weather r1 x3 fence 4',
        'handshake weather',
        'apply weather r1 x3 fence 4',
      ],
      ...[
        'apply weather r1 x3 fence 5',
        'handshake weather',
        'apply weather r1 x3 fence 5',
      ],
    ]);
    expect(await services.store.capabilities(row.id)).toMatchObject({
      tools: [{ name: 'echo' }],
      revision: 1,
    });
    expect([...world.secrets]).toEqual([['weather/1', { KEY: 'value' }]]);

    const deletion = await services.commands.delete(row, BY);
    await expect(services.commands.scale(row, 1, BY)).rejects.toThrow(
      'is being deleted',
    );
    await expect(create('weather')).rejects.toThrow('already');
    expect(stepsOf(await ended(deletion))).toEqual([
      'accepted succeeded',
      'remove succeeded',
    ]);
    expect(world.deployments.size).toBe(0);
    expect(world.secrets.size).toBe(0);
    await expect(find('weather')).rejects.toThrow('There is no server');

    await ended(await create('weather'));
    expect((await find('weather')).id).not.toBe(row.id);
    expect(await services.operations.listOf(row.id)).toHaveLength(6);
  });

  it.each(['apply', 'handshake'] as const)(
    'go on after a kill -9 during %s, and do nothing twice',
    async step => {
      const life = new Life();
      world.after = act => {
        if (act === step) {
          life.pause();
          world.after = () => {};
        }
      };
      // Killed with the act under way: the request has gone out, the answer is heard by nobody.
      replica({ life });
      const deploy = await create('weather');
      await eventually(() => world.acts.some(act => act.startsWith(step)));
      replica();
      expect(await ended(deploy)).toMatchObject({ state: 'succeeded' });
      const applies = world.acts.filter(act => act.startsWith('apply'));
      // The last one is the look at the end.
      expect(applies.at(-1)).toBe('apply weather r1 x1 fence 2');
      expect(applies).toHaveLength(step === 'apply' ? 3 : 2);
      expect(world.acts.filter(act => act.startsWith('handshake')).length).toBe(
        step === 'apply' ? 1 : 2,
      );
    },
  );

  it('go on after a kill -9 while waiting for pods, without writing again first', async () => {
    const life = new Life();
    world.statuses.set('weather', {
      state: 'Deploying',
      message: 'pulling the image',
    });
    const deploy = await (replica({ life }), create('weather'));
    await eventually(async () =>
      (await services.operations.get(deploy.id))!.steps[2].message?.startsWith(
        'pulling',
      ),
    );
    life.pause();
    world.acts.length = 0;
    world.statuses.clear();
    replica();
    expect(await ended(deploy)).toMatchObject({ state: 'succeeded' });
    expect(world.acts).toEqual([
      'handshake weather',
      'apply weather r1 x1 fence 2',
    ]);
  });

  it('go on after a kill -9 during a removal', async () => {
    replica();
    await ended(await create('weather', { secretValues: { KEY: 'value' } }));
    await runners[0].stop();
    const life = new Life();
    world.after = () => {
      life.pause();
      world.after = () => {};
    };
    replica({ life });
    const deletion = await services.commands.delete(await find('weather'), BY);
    await eventually(() => world.deployments.size === 0);
    replica();
    expect(await ended(deletion)).toMatchObject({ state: 'succeeded' });
    expect(world.secrets.size).toBe(0);
  });

  it('leave newer state alone when a runner was paused and wakes up', async () => {
    const old = new Life();
    let inWrite = false;
    world.before = act => {
      if (act === 'apply' && !inWrite) {
        inWrite = true;
        old.pause();
      }
    };
    // Paused right before its first write, in the midst of asking whether it may.
    const first = replica({ life: old });
    const deploy = await create('weather');
    await eventually(() => inWrite);
    replica();
    await ended(deploy);
    await ended(await services.commands.scale(await find('weather'), 5, BY));
    old.resume();
    await eventually(() => world.acts.length >= 5);
    await first.runner.stop();
    const rows = await services.queries.operations(await find('weather'));
    for (const operation of rows) {
      expect(await ended(operation)).toMatchObject({ state: 'succeeded' });
    }
    expect(world.acts.at(-1)).toContain('r1 x5');
    const fences = world.acts
      .filter(act => act.startsWith('apply'))
      .map(act => Number(act.split('fence ')[1]));
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
  });

  it('have each operation carried out by one of several runners', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `server-${index}`);
    const deploys = await Promise.all(names.map(name => create(name)));
    replica({ leaseMs: 30_000 });
    replica({ leaseMs: 30_000 });
    replica({ leaseMs: 30_000 });
    for (const deploy of deploys) {
      expect(await ended(deploy)).toMatchObject({ state: 'succeeded' });
    }
    const handshakes = world.acts
      .filter(act => act.startsWith('handshake'))
      .sort();
    expect(handshakes).toEqual(names.map(name => `handshake ${name}`));
    expect(world.acts.every(act => !act.includes('fence 2'))).toBe(true);
  });

  it('are given back at shutdown, so that another replica goes on at once', async () => {
    world.statuses.set('weather', { state: 'Deploying' });
    const { runner } = replica({ leaseMs: 60_000 });
    const deploy = await create('weather');
    await eventually(() => world.acts.length === 1);
    const begin = Date.now();
    await runner.stop();
    expect(Date.now() - begin).toBeLessThan(1_500);
    expect(await services.operations.get(deploy.id)).toMatchObject({
      state: 'running',
    });
    world.statuses.clear();
    replica({ leaseMs: 60_000 });
    expect(await ended(deploy)).toMatchObject({ state: 'succeeded' });
    expect(Date.now() - begin).toBeLessThan(8_000);
  });

  it('give way to a deletion, begun or not', async () => {
    world.statuses.set('weather', { state: 'Deploying' });
    replica();
    const deploy = await create('weather');
    await eventually(() => world.acts.length === 1);
    const row = await find('weather');
    const scale = await services.commands.scale(row, 2, BY);
    const deletion = await services.commands.delete(row, BY);
    expect(await ended(deletion)).toMatchObject({ state: 'succeeded' });
    expect(await ended(deploy)).toMatchObject({
      state: 'cancelled',
      error: { reason: 'Superseded' },
    });
    expect(await ended(scale)).toMatchObject({
      state: 'cancelled',
      error: { reason: 'Superseded' },
    });
    expect(world.deployments.size).toBe(0);
  });

  it('fail soon and in words when the pods do', async () => {
    world.statuses.set('weather', {
      state: 'Failed',
      reason: 'ImagePullFailed',
      message: 'The image is not there.',
      hint: 'Check its name.',
      stderr: ['no such image'],
    });
    replica();
    const operation = await ended(await create('weather'));
    expect(operation).toMatchObject({
      state: 'failed',
      error: {
        reason: 'ImagePullFailed',
        message: 'The image is not there.',
        hint: 'Check its name.',
        stderr: ['no such image'],
      },
    });
    expect(stepsOf(operation)).toContain('pods failed');
    // Nothing is left running, so what comes next is done.
    world.statuses.clear();
    expect(
      await ended(await services.commands.restart(await find('weather'), BY)),
    ).toMatchObject({ state: 'succeeded' });
  });

  it('fail when the handshake does not work, and when the time is over', async () => {
    world.before = act => {
      if (act === 'handshake') {
        throw new Error('the bridge says no');
      }
    };
    world.statuses.set('slow', {
      state: 'Deploying',
      message: 'pulling the image',
    });
    replica({ timeoutMs: 1_500 });
    const [mute, slow] = [await create('mute'), await create('slow')];
    expect(await ended(mute)).toMatchObject({
      error: {
        reason: 'HandshakeFailed',
        message: expect.stringContaining('the bridge says no'),
      },
    });
    expect(await ended(slow)).toMatchObject({
      error: {
        reason: 'Timeout',
        message: expect.stringContaining('pulling the image'),
      },
    });
  });

  it('try again while the cluster is not reached', async () => {
    let failures = 2;
    world.before = act => {
      if (act === 'apply' && failures-- > 0) {
        throw new KubeApiError(
          'The API server refuses connections.',
          0,
          'Unreachable',
        );
      }
    };
    replica();
    expect(await ended(await create('weather'))).toMatchObject({
      state: 'succeeded',
    });
  });

  it('hand out keys and revocations without touching the pods', async () => {
    replica();
    await ended(await create('weather'));
    const row = await find('weather');
    const rotate = await ended(await services.commands.revokeTokens(row, BY));
    expect(rotate).toMatchObject({ kind: 'rotate', state: 'succeeded' });
    expect(stepsOf(rotate)).toEqual(['accepted succeeded', 'apply succeeded']);
    expect(
      Number((await find('weather')).tokens_not_before),
    ).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000) - 5);
    await services.commands.distributeKeys();
    expect((await services.queries.operations(row))[0]).toMatchObject({
      kind: 'rotate',
      principal: 'service:mcp-cloud',
    });
  });
});
