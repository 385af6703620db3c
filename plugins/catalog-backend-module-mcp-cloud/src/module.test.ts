import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  catalogProcessingExtensionPoint,
  type EntityProvider,
} from '@backstage/plugin-catalog-node';
import {
  eventsServiceRef,
  type EventsServiceSubscribeOptions,
} from '@backstage/plugin-events-node';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { SERVERS_TOPIC } from '@mcp-cloud/plugin-mcp-cloud-common';
import catalogModule from '.';

describe('catalog module', () => {
  it('adds its provider and hears of changes', async () => {
    const providers: EntityProvider[] = [];
    const subscriptions: EventsServiceSubscribeOptions[] = [];
    const backend = await startTestBackend({
      extensionPoints: [
        [
          catalogProcessingExtensionPoint,
          {
            addEntityProvider: (...added: unknown[]) =>
              providers.push(...(added.flat() as EntityProvider[])),
          } as never,
        ],
      ],
      features: [
        catalogModule,
        mockServices.scheduler.factory({ skipTaskRunOnStartup: true }),
        createServiceFactory({
          service: eventsServiceRef,
          deps: {},
          factory: () => ({
            publish: async () => {},
            subscribe: async subscription => {
              subscriptions.push(subscription);
            },
          }),
        }),
      ],
    });
    expect(providers.map(provider => provider.getProviderName())).toEqual([
      'mcp-cloud',
    ]);
    expect(subscriptions.map(({ topics }) => topics)).toEqual([
      [SERVERS_TOPIC],
    ]);
    await subscriptions[0].onEvent({ topic: SERVERS_TOPIC, eventPayload: {} });
    await backend.stop();
  });
});
