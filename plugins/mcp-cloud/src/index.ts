/**
 * Pages of MCP Cloud for Backstage: dashboard, server, deploy form, entity tab and card.
 *
 * @packageDocumentation
 */
export { mcpCloudPlugin as default } from './plugin';
export { mcpCloudApiRef, type McpCloudApi } from './api/mcpCloudApi';
export { mcpCloudTranslationRef } from './translation';
