import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { McpCloudClient } from '@mcp-cloud/plugin-mcp-cloud-common';
import {
  imageBuilderServiceRef,
  readImagesConfig,
} from '@mcp-cloud/plugin-mcp-cloud-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createBuildImageAction } from './actions/buildImage';
import { createDeployServerAction } from './actions/deployServer';

/** Adds the actions `mcp-cloud:image:build` and `mcp-cloud:server:deploy` to templates. */
export const scaffolderModuleMcpCloud = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'mcp-cloud',
  register(env) {
    env.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        imageBuilder: imageBuilderServiceRef,
      },
      async init({ actions, auth, config, discovery, imageBuilder }) {
        actions.addActions(
          createBuildImageAction({
            imageBuilder,
            images: readImagesConfig(config),
          }),
          createDeployServerAction({
            auth,
            client: new McpCloudClient({ discoveryApi: discovery }),
          }),
        );
      },
    });
  },
});
