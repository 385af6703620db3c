/**
 * Serves a stdio MCP server over Streamable HTTP, HTTP+SSE and WebSocket.
 *
 * @packageDocumentation
 */
export { Bridge } from './bridge';
export { configFrom } from './config/load';
export type { LoadedConfig } from './config/load';
export type { PublicJwk } from './config/auth';
export type { BridgeConfig, Limits } from './config/schema';
