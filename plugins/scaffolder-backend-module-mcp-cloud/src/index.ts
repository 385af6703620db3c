/**
 * Template actions that build images of MCP servers and deploy them.
 *
 * @packageDocumentation
 */
export { scaffolderModuleMcpCloud as default } from './module';
export { createBuildImageAction } from './actions/buildImage';
export { createDeployServerAction } from './actions/deployServer';
