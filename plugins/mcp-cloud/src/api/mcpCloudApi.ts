import { createApiRef } from '@backstage/core-plugin-api';
import type { McpCloudClient } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What the pages ask of the backend; the client's public methods, so that tests can hand in their own. */
export type McpCloudApi = Pick<McpCloudClient, keyof McpCloudClient>;

export const mcpCloudApiRef = createApiRef<McpCloudApi>({
  id: 'plugin.mcp-cloud.client',
});
