import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import {
  McpCloudClient,
  SERVERS_TOPIC,
  type ServersEvent,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { McpServerEntityProvider } from './McpServerEntityProvider';
import { ServerSource } from './ServerSource';

/** How long several changes are gathered before the servers are read anew. */
const COALESCE_MS = 500;
/** How often the servers are read when no event came; events of another process may get lost. */
const FALLBACK_SECONDS = 30;

/** Adds the entities of hosted MCP servers to the catalog. */
export const catalogModuleMcpCloud = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'mcp-cloud',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogProcessingExtensionPoint,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({
        auth,
        catalog,
        discovery,
        events,
        lifecycle,
        logger,
        scheduler,
      }) {
        const provider = new McpServerEntityProvider({
          source: new ServerSource({
            auth,
            discovery,
            client: new McpCloudClient({ discoveryApi: discovery }),
          }),
          logger,
          coalesceMs: COALESCE_MS,
        });
        catalog.addEntityProvider(provider);
        lifecycle.addShutdownHook(() => provider.stop());
        await events.subscribe({
          id: 'mcp-cloud-entities',
          topics: [SERVERS_TOPIC],
          onEvent: async ({ eventPayload }) => {
            if ((eventPayload as ServersEvent).kind === 'list-changed') {
              provider.scheduleRefresh();
            }
          },
        });
        // Each replica for itself, as each remembers what it told the catalog last.
        await scheduler.scheduleTask({
          id: 'mcp-cloud-entities',
          scope: 'local',
          frequency: { seconds: FALLBACK_SECONDS },
          initialDelay: { seconds: 5 },
          timeout: { seconds: FALLBACK_SECONDS },
          fn: () => provider.refresh(),
        });
      },
    });
  },
});
