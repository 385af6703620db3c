import { mockServices } from '@backstage/backend-test-utils';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testDatabases } from '../__testUtils__/testDatabases';
import { testServices } from '../__testUtils__/testServices';
import { migrationsDirectory } from '../database/migrate';
import { createNews } from './createNews';

jest.setTimeout(60_000);

const databases = testDatabases();

describe.each(databases.eachSupportedId())('news of states on %s', id => {
  it('are told once each, whichever replica looks and however often one is restarted', async () => {
    const knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
    const world = new FakeWorld();
    const services = testServices(knex, world);
    const { id: operationId, serverId } = await services.commands.create(
      {
        spec: serverSpecSchema.parse({
          name: 'weather',
          owner: 'group:default/a',
          cluster: 'local',
          image: 'r/x:1',
        }),
        replicas: 1,
      },
      { principal: 'user:default/ann' },
    );
    const events = mockServices.events.mock();
    const send = jest.fn();
    /** Each look is one of a backend that has just started. */
    const look = (second: number) =>
      createNews({
        knex,
        events,
        notifications: { send },
        statuses: world.statusService,
        downAfterMs: 120_000,
        logger: mockServices.logger.mock(),
      }).stateNews.round(new Date(second * 1000));
    const told = () => {
      const states = events.publish.mock.calls.map(([{ eventPayload }]) => {
        const { before, state } = eventPayload as Record<string, string>;
        return `${before ?? ''}>${state}`;
      });
      const titles = send.mock.calls.map(([{ payload }]) => payload.title);
      return [...states, ...titles];
    };

    await look(0);
    expect(told()).toEqual(['>Deploying']);
    await knex('operations')
      .where({ id: operationId })
      .update({ state: 'succeeded' });
    world.statuses.set('weather', { state: 'Running' });
    await look(10);
    world.statuses.set('weather', { state: 'Failed', reason: 'NotAnswering' });
    for (const second of [20, 30, 139]) {
      await look(second);
    }
    expect(told()).toEqual([
      '>Deploying',
      'Deploying>Running',
      'Running>Failed',
    ]);
    expect(events.publish.mock.calls.at(-1)).toEqual([
      {
        topic: 'mcp-cloud.servers',
        eventPayload: {
          id: serverId,
          name: 'weather',
          owner: 'group:default/a',
          cluster: 'local',
          kind: 'state-changed',
          before: 'Running',
          state: 'Failed',
          reason: 'NotAnswering',
        },
      },
    ]);
    for (const second of [140, 150, 1000]) {
      await look(second);
    }
    world.statuses.set('weather', { state: 'Unknown', reason: 'NotSynced' });
    await look(1005);
    world.statuses.set('weather', { state: 'Running' });
    for (const second of [1010, 1020]) {
      await look(second);
    }
    expect(told().slice(3)).toEqual([
      'Failed>Running',
      'weather is failed',
      'weather is running again',
    ]);
    await knex.destroy();
  });
});
