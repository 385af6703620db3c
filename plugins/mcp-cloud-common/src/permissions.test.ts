import { isResourcePermission } from '@backstage/plugin-permission-common';
import {
  mcpCloudPermissions,
  RESOURCE_TYPE_MCP_SERVER,
  serverResourcePermissions,
} from './permissions';

describe('permissions', () => {
  it('keep their names: policies of adopters depend on them', () => {
    expect(mcpCloudPermissions.map(({ name }) => name)).toEqual([
      'mcp-cloud.server.create',
      'mcp-cloud.server.read',
      'mcp-cloud.server.update',
      'mcp-cloud.server.delete',
      'mcp-cloud.server.operate',
      'mcp-cloud.server.logs',
      'mcp-cloud.server.secrets',
      'mcp-cloud.server.call',
    ]);
  });

  it('are about a server, creation aside', () => {
    for (const [action, permission] of Object.entries(
      serverResourcePermissions,
    )) {
      expect(permission.name).toBe(`mcp-cloud.server.${action}`);
      expect(isResourcePermission(permission, RESOURCE_TYPE_MCP_SERVER)).toBe(
        true,
      );
    }
  });
});
