import { createPermission } from '@backstage/plugin-permission-common';

/** Resource type of hosted MCP servers in the permission framework. */
export const RESOURCE_TYPE_MCP_SERVER = 'mcp-server';

const resourceType = RESOURCE_TYPE_MCP_SERVER;

/** See a server: its Spec, status, pods and events. */
export const serverReadPermission = createPermission({
  name: 'mcp-cloud.server.read',
  attributes: { action: 'read' },
  resourceType,
});
/** Make a server, for an owner that one belongs to. */
export const serverCreatePermission = createPermission({
  name: 'mcp-cloud.server.create',
  attributes: { action: 'create' },
});
/** Deploy a new revision. */
export const serverUpdatePermission = createPermission({
  name: 'mcp-cloud.server.update',
  attributes: { action: 'update' },
  resourceType,
});
/** Delete a server. */
export const serverDeletePermission = createPermission({
  name: 'mcp-cloud.server.delete',
  attributes: { action: 'delete' },
  resourceType,
});
/** Scale, stop, start, restart. */
export const serverOperatePermission = createPermission({
  name: 'mcp-cloud.server.operate',
  attributes: { action: 'update' },
  resourceType,
});
/** Read what the pods write. */
export const serverLogsPermission = createPermission({
  name: 'mcp-cloud.server.logs',
  attributes: { action: 'read' },
  resourceType,
});
/** Set secrets. Nobody can read them. */
export const serverSecretsPermission = createPermission({
  name: 'mcp-cloud.server.secrets',
  attributes: { action: 'update' },
  resourceType,
});
/** Call the server's tools, and get tokens for clients. */
export const serverCallPermission = createPermission({
  name: 'mcp-cloud.server.call',
  attributes: { action: 'update' },
  resourceType,
});

/** The permissions that are about one server, by action. */
export const serverResourcePermissions = {
  read: serverReadPermission,
  update: serverUpdatePermission,
  delete: serverDeletePermission,
  operate: serverOperatePermission,
  logs: serverLogsPermission,
  secrets: serverSecretsPermission,
  call: serverCallPermission,
} as const;

/** All permissions of the plugin. */
export const mcpCloudPermissions = [
  serverCreatePermission,
  ...Object.values(serverResourcePermissions),
];
