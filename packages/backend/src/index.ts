// The portal's backend: the usual Backstage plugins and the three packages of MCP Cloud. Wiring only.
import { createBackend } from '@backstage/backend-defaults';
import { promptShutdown } from './promptShutdown';

const backend = createBackend();

backend.add(promptShutdown);

// Serves the built app, so that one address has both pages and API.
backend.add(import('@backstage/plugin-app-backend'));

// Who someone is, and what they may do.
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('./policyModule'));

backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@mcp-cloud/plugin-catalog-backend-module-mcp-cloud'));

backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(
  import('@backstage/plugin-scaffolder-backend-module-notifications'),
);
backend.add(import('@mcp-cloud/plugin-scaffolder-backend-module-mcp-cloud'));

backend.add(import('@mcp-cloud/plugin-mcp-cloud-backend'));
backend.add(import('@backstage/plugin-kubernetes-backend'));

// Pages that change by themselves. With more than one backend, signals travel by events.
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));

backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-techdocs'));
backend.add(import('@backstage/plugin-techdocs-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

// Offers every registered action to agents, as MCP tools.
backend.add(import('@backstage/plugin-mcp-actions-backend'));

backend.start();
