import {
  convertLegacyRouteRef,
  convertLegacyRouteRefs,
} from '@backstage/core-compat-api';
import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import {
  MCP_SERVER_TYPE,
  McpCloudClient,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { RiServerLine } from '@remixicon/react';
import { mcpCloudApiRef } from './api/mcpCloudApi';
import {
  deployRouteRef,
  editRouteRef,
  rootRouteRef,
  serverRouteRef,
  templatesRouteRef,
} from './routes';

/** A predicate and not a function, so that adopters can put their own into `app.extensions`. */
const filter = { kind: 'component', 'spec.type': MCP_SERVER_TYPE };

const mcpCloudApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: mcpCloudApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new McpCloudClient(deps),
    }),
});

const mcpCloudPage = PageBlueprint.make({
  params: {
    path: '/mcp-cloud',
    title: 'MCP servers',
    icon: <RiServerLine />,
    routeRef: convertLegacyRouteRef(rootRouteRef),
    loader: () => import('./McpCloudPages').then(m => <m.McpCloudPages />),
  },
});

const mcpServerTab = EntityContentBlueprint.make({
  name: 'mcp-server',
  params: {
    path: '/mcp-server',
    title: 'MCP server',
    group: 'deployment',
    filter,
    loader: () =>
      import('./entity/EntityServerTab').then(m => <m.EntityServerTab />),
  },
});

const mcpServerCard = EntityCardBlueprint.make({
  name: 'mcp-server',
  params: {
    type: 'info',
    filter,
    loader: () =>
      import('./entity/EntityServerCard').then(m => <m.EntityServerCard />),
  },
});

/** MCP Cloud's pages for Backstage. */
export const mcpCloudPlugin = createFrontendPlugin({
  pluginId: 'mcp-cloud',
  title: 'MCP servers',
  icon: <RiServerLine />,
  info: { packageJson: () => import('../package.json') },
  routes: convertLegacyRouteRefs({
    root: rootRouteRef,
    deploy: deployRouteRef,
    server: serverRouteRef,
    edit: editRouteRef,
  }),
  externalRoutes: convertLegacyRouteRefs({ templates: templatesRouteRef }),
  extensions: [mcpCloudApi, mcpCloudPage, mcpServerTab, mcpServerCard],
});
