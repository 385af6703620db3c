/**
 * What modules of the MCP Cloud backend build upon.
 *
 * @packageDocumentation
 */
export * from './clusters';
export * from './images';
