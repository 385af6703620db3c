/**
 * Keeps a component and an API in the catalog for every MCP server that runs on the platform.
 *
 * @packageDocumentation
 */
export { catalogModuleMcpCloud as default } from './module';
