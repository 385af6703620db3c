/**
 * What all plugins of MCP Cloud share: the Spec, the shapes of the REST interface, permissions and its client.
 *
 * @packageDocumentation
 */
export * from './annotations';
export * from './client';
export * from './drift';
export * from './events';
export * from './eventStream';
export * from './history';
export * from './model';
export * from './names';
export * from './permissions';
export * from './platform';
export * from './preview';
export * from './problems';
export * from './quota';
export * from './requests';
export type { RequestOptions, RestOptions } from './rest';
export * from './schemas';
export * from './signals';
export * from './spec';
export * from './usage';
