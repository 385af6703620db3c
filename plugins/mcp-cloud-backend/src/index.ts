/**
 * The backend of MCP Cloud: hosts MCP servers on Kubernetes.
 *
 * @packageDocumentation
 */
export { mcpCloudPlugin as default } from './plugin';
export {
  createServerConditionalDecision,
  serverConditions,
} from './servers/permissionRules';
