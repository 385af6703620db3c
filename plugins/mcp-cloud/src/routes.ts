import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/core-plugin-api';

/** The dashboard; everything else lies below it. */
export const rootRouteRef = createRouteRef({ id: 'mcp-cloud' });
/** The form that deploys a new server. */
export const deployRouteRef = createSubRouteRef({
  id: 'mcp-cloud:deploy',
  parent: rootRouteRef,
  path: '/deploy',
});
/** A server's own page, which needs no catalog entity. */
export const serverRouteRef = createSubRouteRef({
  id: 'mcp-cloud:server',
  parent: rootRouteRef,
  path: '/servers/:name',
});
/** The form that changes a server. */
export const editRouteRef = createSubRouteRef({
  id: 'mcp-cloud:edit',
  parent: rootRouteRef,
  path: '/servers/:name/edit',
});
/** The scaffolder's list of templates, for "New from template". */
export const templatesRouteRef = createExternalRouteRef({
  id: 'mcp-cloud:templates',
  optional: true,
  defaultTarget: 'scaffolder.root',
});
