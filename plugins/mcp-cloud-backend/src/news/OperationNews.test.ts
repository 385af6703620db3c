import { mockServices } from '@backstage/backend-test-utils';
import {
  serverSpecSchema,
  type ServersEvent,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { eventually } from '../__testUtils__/eventually';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import { migrationsDirectory } from '../database/migrate';
import { createNews } from './createNews';

jest.setTimeout(60_000);

const ANN = 'user:default/ann';
const databases = testDatabases();

describe.each(databases.eachSupportedId())('news of operations on %s', id => {
  it('are told when the database has them: to programs all, to people what failed', async () => {
    const knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    const world = new FakeWorld();
    const told: string[] = [];
    const send = jest.fn();
    const { operationNews } = createNews({
      knex,
      events: mockServices.events.mock({
        publish: async ({ eventPayload }) => {
          const event = eventPayload as ServersEvent;
          if ('operation' in event) {
            const { kind, state, reason = '' } = event.operation;
            told.push(
              `${event.name}: ${event.kind} ${kind} ${state} ${reason}`,
            );
          }
        },
      }),
      notifications: { send },
      statuses: world.statusService,
      downAfterMs: 120_000,
      logger: mockServices.logger.mock(),
    });
    const services = testServices(knex, world, {
      news: operationNews,
      timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
    });
    const create = (name: string) =>
      services.commands.create(
        {
          spec: serverSpecSchema.parse({
            name,
            owner: 'group:default/a',
            cluster: 'local',
            image: 'r/x:1',
          }),
          replicas: 1,
        },
        { principal: ANN },
      );
    world.statuses.set('broken', {
      state: 'Failed',
      reason: 'ImagePullFailed',
      message: 'The image cannot be pulled.',
    });
    const { serverId } = await create('weather');
    const row = (await services.store.findById(serverId))!;
    // Takes the place of one that has not begun.
    await services.commands.stop(row, { principal: ANN });
    await eventually(() => told.length === 3);
    expect([...told].sort()).toEqual([
      'weather: operation-accepted deploy queued ',
      'weather: operation-accepted stop queued ',
      'weather: operation-ended deploy cancelled Superseded',
    ]);

    services.runner.start();
    await create('broken');
    await eventually(() => told.length === 6);
    expect(told.slice(3).sort()).toEqual([
      expect.stringMatching(
        /^broken: operation-accepted deploy (queued|running)/,
      ),
      'broken: operation-ended deploy failed ImagePullFailed',
      'weather: operation-ended stop succeeded ',
    ]);
    expect(send.mock.calls).toEqual([
      [
        expect.objectContaining({
          recipients: { type: 'entity', entityRef: ANN },
          payload: expect.objectContaining({
            title: 'broken: deploy failed',
            description: 'The image cannot be pulled.',
          }),
        }),
      ],
    ]);
    await services.runner.stop();
    await knex.destroy();
  });
});
