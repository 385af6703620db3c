import {
  isFinished,
  serverSpecSchema,
  type Operation,
  type ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import { migrationsDirectory } from '../database/migrate';
import { AppliedManifests } from '../operations/AppliedManifests';
import { RevisionStore } from '../servers/RevisionStore';
import { Quota } from './Quota';
import type { Limits } from './QuotaLimits';

const BY = { principal: 'user:default/ann' };
const A = 'group:default/a';
const B = 'group:default/b';
const GI = 2 ** 30;
const databases = testDatabases();
jest.setTimeout(60_000);

type Services = ReturnType<typeof testServices>;

describe.each(databases.eachSupportedId())('quotas on %s', id => {
  let knex: Knex;
  let world: FakeWorld;
  let backends: Services[];
  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    world = new FakeWorld();
    backends = [];
  });
  afterEach(async () => {
    await Promise.all(backends.map(({ runner }) => runner.stop()));
    await knex.destroy();
  });

  /** A backend that gives every owner so much. It carries nothing out until its runner is started. */
  function backend(limits: Limits): Services {
    const services = testServices(knex, world, {
      quotaLimits: { default: limits, owners: new Map() },
      timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
    });
    backends.push(services);
    return services;
  }
  const specOf = (name: string, extra: Partial<ServerSpecInput> = {}) =>
    serverSpecSchema.parse({
      name,
      owner: A,
      cluster: 'local',
      image: 'i:1',
      ...extra,
    });
  const create = (
    { commands }: Services,
    name: string,
    {
      replicas = 1,
      ...extra
    }: Partial<ServerSpecInput> & {
      replicas?: number;
    } = {},
  ) => commands.create({ spec: specOf(name, extra), replicas }, BY);
  const update = async (
    { commands, queries }: Services,
    name: string,
    extra: Partial<ServerSpecInput>,
  ) =>
    commands.update(
      await queries.find(name),
      '*',
      { spec: specOf(name, extra) },
      BY,
    );
  const used = async (owner = A) => {
    const [quota] = await new Quota({
      knex,
      limits: { default: {}, owners: new Map() },
      revisions: new RevisionStore(knex),
      applied: new AppliedManifests(knex),
    }).list([owner]);
    return quota.used;
  };
  const ended = ({ operations }: Services, { id: operation }: Operation) =>
    eventually(async () => {
      const now = await operations.get(operation);
      return now && isFinished(now) && now;
    }, 20_000);
  const memory = (limit: string) => ({
    resources: {
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { memory: limit },
    },
  });

  it('count what is wanted of servers', async () => {
    const services = backend({});
    const { commands, queries } = services;
    await create(services, 'one', { replicas: 3 });
    await create(services, 'two', {
      ...memory('1Gi'),
      scaling: { min: 1, max: 5 },
    });
    await create(services, 'three', { owner: B });
    expect(await used()).toEqual({
      servers: 2,
      replicas: 8,
      cpuMillicores: 3 * 50 + 5 * 100,
      memoryBytes: 3 * 0.5 * GI + 5 * GI,
    });
    await commands.stop(await queries.find('two'), BY);
    await commands.scale(await queries.find('one'), 1, BY);
    expect(await used()).toMatchObject({
      servers: 2,
      replicas: 1,
      memoryBytes: 0.5 * GI,
    });
    services.runner.start();
    await ended(services, await commands.delete(await queries.find('one'), BY));
    expect(await used()).toMatchObject({ servers: 1, replicas: 0 });
  });

  it('refuse every change that takes too much, in words, and write nothing of it', async () => {
    const services = backend({
      servers: 2,
      replicas: 4,
      cpuMillicores: 400,
      memoryBytes: 4 * GI,
    });
    const { commands, queries } = services;
    await create(services, 'one', { replicas: 2, ...memory('1Gi') });
    await create(services, 'two', memory('1Gi'));
    const before = [await used(), await knex('revisions').select()];
    const one = await queries.find('one');

    await expect(create(services, 'three')).rejects.toMatchObject({
      name: 'QuotaExceededError',
      message:
        'This is more than the quota of group:default/a allows. servers: 2 of 2 used, and this asks for 1 more. ' +
        "Delete a server that nobody needs, or have the portal's operators raise the limit (mcpCloud.quota).",
    });
    await expect(commands.scale(one, 4, BY)).rejects.toThrow(
      'pods: 3 of 4 used, and this asks for 2 more; requested CPU: 0.3 CPU of 0.4 CPU used, and this asks for 0.2 CPU more; ' +
        'memory: 3 GiB of 4 GiB used, and this asks for 2 GiB more. Ask for less, or stop or scale down a server,',
    );
    await expect(
      update(services, 'one', {
        ...memory('1Gi'),
        scaling: { min: 1, max: 4 },
      }),
    ).rejects.toThrow('pods: 3 of 4 used, and this asks for 2 more');
    await expect(update(services, 'one', memory('2000Mi'))).rejects.toThrow(
      'memory: 3 GiB of 4 GiB used, and this asks for 1.91 GiB more',
    );
    expect([await used(), await knex('revisions').select()]).toEqual(before);
    // Just so much.
    await update(services, 'one', memory('1536Mi'));
    expect(await used()).toMatchObject({ memoryBytes: 4 * GI });
  });

  it('refuse to start and to roll back into too much', async () => {
    const services = backend({ replicas: 4, memoryBytes: 4 * GI });
    const { commands, queries } = services;
    await create(services, 'one', { replicas: 3, ...memory('1Gi') });
    const one = await queries.find('one');
    await commands.stop(one, BY);
    await update(services, 'one', memory('512Mi'));
    await create(services, 'two', { replicas: 2 });
    await expect(commands.start(one, BY)).rejects.toThrow(
      'pods: 2 of 4 used, and this asks for 3 more',
    );
    // A stopped server takes nothing, whatever its Spec.
    await commands.rollback(one, 1, undefined, BY);
    await commands.scale(one, 2, BY);
    await update(services, 'one', memory('512Mi'));
    await commands.start(one, BY);
    await commands.scale(one, 1, BY);
    await update(services, 'two', memory('1792Mi'));
    await expect(commands.rollback(one, 1, undefined, BY)).rejects.toThrow(
      'memory: 4 GiB of 4 GiB used, and this asks for 512 MiB more',
    );
  });

  it('refuse to cancel what made room, once somebody has taken it', async () => {
    const services = backend({ replicas: 3 });
    const { commands, queries, cancellation } = services;
    await create(services, 'one', { replicas: 3 });
    const one = await queries.find('one');
    const scale = await commands.scale(one, 1, BY);
    await create(services, 'two', { replicas: 2 });
    await expect(cancellation.cancel(one, scale, BY)).rejects.toThrow(
      'pods: 3 of 3 used, and this asks for 2 more',
    );
    expect((await services.operations.get(scale.id))!.state).toBe('queued');
  });

  it('let pass what takes no more, also when there is too much already', async () => {
    const before = backend({});
    await create(before, 'one', { replicas: 5 });
    await create(before, 'two');
    const services = backend({ servers: 1, replicas: 2 });
    const { commands, queries } = services;
    const one = await queries.find('one');
    await update(services, 'one', { env: { A: '1' } });
    await commands.restart(one, BY);
    await commands.scale(one, 4, BY);
    await expect(commands.scale(one, 5, BY)).rejects.toThrow('pods: 5 of 2');
    await commands.stop(one, BY);
    expect(await used()).toMatchObject({ servers: 2, replicas: 1 });
  });

  it('count a server that changes hands with its new owner', async () => {
    const services = backend({ servers: 1 });
    await create(services, 'one');
    await create(services, 'two', { owner: B });
    await expect(update(services, 'one', { owner: B })).rejects.toThrow(
      `the quota of ${B} allows. servers: 1 of 1 used`,
    );
    await update(services, 'one', { owner: 'user:default/ann' });
    expect([await used(), await used(B)]).toMatchObject([
      { servers: 0 },
      { servers: 1 },
    ]);
  });

  it('let requests at the same moment have no more than there is', async () => {
    const limits = { servers: 6, replicas: 8 };
    const replicas = [backend(limits), backend(limits)];
    await create(replicas[0], 'stopped', { replicas: 2 });
    await create(replicas[0], 'scaled');
    const { commands, queries } = replicas[1];
    const stopped = await queries.find('stopped');
    const scaled = await queries.find('scaled');
    await commands.stop(stopped, BY);
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 12 }, (_, index) =>
        create(replicas[index % 2], `new-${index}`, { replicas: 2 }),
      ),
      commands.start(stopped, BY),
      commands.scale(scaled, 4, BY),
    ]);
    const refusals = outcomes.flatMap(outcome =>
      outcome.status === 'rejected' ? [outcome.reason.name] : [],
    );
    expect(new Set(refusals)).toEqual(new Set(['QuotaExceededError']));
    const sum = await used();
    expect(sum.servers).toBeLessThanOrEqual(6);
    expect(sum.replicas).toBeLessThanOrEqual(8);
    // There is room for two pods no more, which each that was refused asked for at least.
    expect(sum.replicas).toBeGreaterThanOrEqual(7);
  });

  it('are looked at once more when an operation runs', async () => {
    const before = backend({});
    const running = backend({ replicas: 3 });
    running.runner.start();
    const one = await create(before, 'one', { replicas: 2 });
    expect(await ended(before, one)).toMatchObject({ state: 'succeeded' });
    // Accepted before the limit was there.
    const two = await create(before, 'two', { replicas: 2 });
    expect(await ended(before, two)).toMatchObject({
      state: 'failed',
      error: {
        reason: 'QuotaExceeded',
        message: expect.stringContaining(
          'pods: 2 of 3 used, and this asks for 2 more',
        ),
      },
    });
    expect(world.acts.some(act => act.startsWith('apply two'))).toBe(false);
    // Once more is no way around it; what the other one has stays.
    const again = await update(running, 'two', { env: { A: '1' } });
    expect(await ended(before, again)).toMatchObject({ state: 'failed' });
    const change = await update(running, 'one', { env: { A: '1' } });
    expect(await ended(before, change)).toMatchObject({ state: 'succeeded' });
  });

  it('end the automatic way back where others took the room meanwhile', async () => {
    const services = backend({ replicas: 4 });
    services.runner.start();
    const scaling = { min: 1, max: 4 };
    world.statuses.set('one', { state: 'Running' });
    await ended(services, await create(services, 'one', { scaling }));
    world.statuses.set('one', {
      state: 'Failed',
      reason: 'CrashLoop',
      message: 'It ends at once.',
    });
    let inWrite = () => {};
    const written = new Promise<void>(resolve => {
      inWrite = resolve;
    });
    const taken = new Promise<void>((resolve, reject) => {
      world.before = async (act, name) => {
        if (act === 'apply' && name === 'one') {
          world.before = () => {};
          inWrite();
          await create(services, 'two', { replicas: 2 }).then(
            () => resolve(),
            reject,
          );
        }
      };
    });
    const failing = await update(services, 'one', { env: { A: '1' } });
    await Promise.all([written, taken]);
    expect(await ended(services, failing)).toMatchObject({ state: 'failed' });
    expect((await services.queries.find('one')).revision).toBe(2);
  });
});
