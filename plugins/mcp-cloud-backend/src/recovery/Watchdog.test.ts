import type { V1Pod } from '@kubernetes/client-node';
import {
  SERVER_ID_LABEL,
  serverSpecSchema,
  type ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import type { ServicesOptions } from '../createServices';
import { migrationsDirectory } from '../database/migrate';
import { toDesired } from '../servers/toDesired';

jest.setTimeout(120_000);

const AFTER_MS = 300;
const MINUTE_MS = 60_000;
const databases = testDatabases();
const never = new AbortController().signal;

const makePod = (id: string, name: string, started = true): V1Pod => ({
  metadata: { name, uid: `uid-${name}`, labels: { [SERVER_ID_LABEL]: id } },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'server',
        started,
        ready: started,
        restartCount: 0,
        image: 'i',
        imageID: 'i',
        state: { running: {} },
      },
    ],
  },
});

describe.each(databases.eachSupportedId())('the watchdog on %s', id => {
  let knex: Knex;
  let world: FakeWorld;
  let services: ReturnType<typeof testServices>;
  beforeAll(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
  });
  afterAll(() => knex.destroy());
  beforeEach(async () => {
    await knex('audit_events').delete();
    await knex('servers').delete();
    start();
  });
  afterEach(() => services.runner.stop());

  function start(rest: Partial<ServicesOptions> = {}) {
    world = new FakeWorld();
    world.bridgesAnswer = true;
    services = testServices(knex, world, {
      recovery: { enabled: true, afterMs: AFTER_MS },
      timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
      ...rest,
    });
    services.runner.start();
  }
  const newest = async (serverId: string) =>
    (await services.operations.listOf(serverId, 1))[0];
  const ended = (serverId: string) =>
    eventually(async () => {
      const operation = await newest(serverId);
      return operation.finishedAt !== undefined && operation;
    });
  /** A server that runs, with pods. */
  async function running(
    pods: string[],
    spec: Partial<ServerSpecInput> = {},
  ): Promise<string> {
    const { serverId } = await services.commands.create(
      {
        spec: serverSpecSchema.parse({
          name: 'weather',
          owner: 'group:default/a',
          cluster: 'local',
          image: 'r/x:1',
          ...spec,
        }),
        replicas: 1,
      },
      { principal: 'user:default/ann' },
    );
    await ended(serverId);
    world.pods.set(
      serverId,
      pods.map(name => makePod(serverId, name)),
    );
    return serverId;
  }
  const hang = () => new Promise<void>(() => {});
  const row = async (serverId: string) =>
    (await services.store.findById(serverId))!;
  const silence = async (serverId: string) =>
    toDesired(await row(serverId)).silence;
  const round = () => services.watchdog.round(never);

  it('replaces the pods that do not answer, and no others', async () => {
    const serverId = await running(['good', 'bad']);
    const { version } = await row(serverId);
    world.probe = async pod => {
      if (pod === 'bad') {
        throw new Error('The server did not answer within 30 s');
      }
    };
    const watching = round();
    await eventually(async () => (await silence(serverId))?.pods === 1);
    expect((await row(serverId)).version).toBe(version);
    await watching;
    const operation = await ended(serverId);
    expect(operation).toMatchObject({
      kind: 'recover',
      state: 'succeeded',
      principal: 'service:mcp-cloud',
      cause: '1 pod ran, but did not answer MCP clients for 0 s.',
    });
    expect(operation.steps.map(({ name }) => name)).toEqual([
      'accepted',
      'apply',
      'end',
      'pods',
      'handshake',
    ]);
    expect(world.acts.filter(act => act.startsWith('end'))).toEqual([
      'end bad',
    ]);
    expect(await silence(serverId)).toBeUndefined();
    expect(
      await knex('audit_events').where({ event: 'server-recover' }).select(),
    ).toMatchObject([
      {
        outcome: 'succeeded',
        principal: 'service:mcp-cloud',
        operation_id: operation.id,
        reason: operation.cause,
      },
    ]);
  });

  it('leaves alone a server that answers, and takes back what it said of it', async () => {
    const serverId = await running(['slow']);
    world.probe = () => new Promise(done => setTimeout(done, AFTER_MS / 2));
    await round();
    expect(await silence(serverId)).toBeUndefined();
    await services.store.setSilence(serverId, { since: 'x', pods: 1 });
    await round();
    expect(await silence(serverId)).toBeUndefined();
    expect((await newest(serverId)).kind).toBe('deploy');
  });

  it('asks none that is stopped, busy, without a handshake, of an untried revision, or far away', async () => {
    const serverId = await running(['bad']);
    const bridgeOnly = await running(['other'], {
      name: 'bridge-only',
      handshake: 'bridge-only',
    });
    world.probe = hang;
    const change = (changes: object) =>
      knex('servers').where({ id: serverId }).update(changes);
    const before = await row(serverId);
    for (const changes of [
      { run_state: 'stopped' },
      { good_revision: null },
      { revision: 2 },
    ]) {
      await change(changes);
      await round();
      await change({
        run_state: before.run_state,
        good_revision: before.good_revision,
        revision: before.revision,
      });
    }
    world.pods.set(serverId, [makePod(serverId, 'bad', false)]);
    await round();
    world.pods.set(serverId, [makePod(serverId, 'bad')]);
    world.health = { state: 'unreachable', since: new Date() };
    await round();
    world.health = { state: 'ok', since: new Date() };
    world.before = act => (act === 'apply' ? hang() : undefined);
    await services.commands.restart(await row(serverId), {
      principal: 'user:default/ann',
    });
    await round();
    expect(world.probed).toEqual([]);
    expect((await newest(serverId)).kind).toBe('restart');
    expect((await newest(bridgeOnly)).kind).toBe('deploy');
  });

  it('does nothing where the platform does not want it', async () => {
    await services.runner.stop();
    start({ recovery: { enabled: false, afterMs: AFTER_MS } });
    await running(['bad']);
    world.probe = hang;
    await round();
    expect(world.probed).toEqual([]);
  });

  it('does nothing when the bridge does not answer either', async () => {
    const serverId = await running(['bad']);
    world.probe = hang;
    world.bridgesAnswer = false;
    await round();
    expect((await newest(serverId)).kind).toBe('deploy');
    expect(await silence(serverId)).toBeUndefined();
  });

  it('does nothing when a person was faster', async () => {
    const serverId = await running(['bad']);
    world.probe = hang;
    const watching = round();
    await eventually(async () => await silence(serverId));
    await services.commands.restart(await row(serverId), {
      principal: 'user:default/ann',
    });
    await ended(serverId);
    await watching;
    expect((await newest(serverId)).kind).toBe('restart');
  });

  it('is done by one of the replicas, ever more slowly, and says when next', async () => {
    const serverId = await running(['bad']);
    world.probe = hang;
    const others = testServices(knex, world, {
      recovery: { enabled: true, afterMs: MINUTE_MS },
    });
    await Promise.all([round(), round()]);
    await ended(serverId);
    const recoveries = async () =>
      (await services.operations.listOf(serverId)).filter(
        ({ kind }) => kind === 'recover',
      ).length;
    expect(await recoveries()).toBe(1);

    // From now on by a clock of its own, with a minute to answer: 2, 4, 8, … minutes, and an hour at most.
    const { recovery } = others;
    const pauses: number[] = [];
    let now = Date.parse((await newest(serverId)).createdAt);
    for (let time = 0; time < 8; time += 1) {
      const wait = await recovery.waitFor(serverId, new Date(now));
      pauses.push(wait / MINUTE_MS);
      now += wait;
      expect(await recovery.waitFor(serverId, new Date(now))).toBe(0);
      const copy = await knex('operations')
        .where({ server_id: serverId })
        .orderBy('seq', 'desc')
        .first();
      await knex('operations').insert({
        ...copy,
        id: `copy-${time}`,
        seq: copy.seq + 1,
        created_at: new Date(now).toISOString(),
      });
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    now += 120 * MINUTE_MS + 1;
    expect(await recovery.waitFor(serverId, new Date(now))).toBe(0);

    await knex('operations').where('id', 'like', 'copy-%').delete();
    world.pods.set(serverId, [makePod(serverId, 'bad-again')]);
    await knex('operations')
      .where({ server_id: serverId, kind: 'recover' })
      .update({ created_at: new Date().toISOString(), finished_at: null });
    await round();
    expect(await recoveries()).toBe(1);
    expect(await silence(serverId)).toMatchObject({
      pods: 1,
      retryAt: expect.any(String),
    });
  });
});
