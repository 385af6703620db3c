import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { ConfiguredImageBuilder } from './ConfiguredImageBuilder';
import { readImagesConfig } from './readImagesConfig';
import type { ImageBuilder } from './types';

/**
 * The platform's image builder. By default one that runs on the backend's machine; a portal whose builds run
 * elsewhere adds its own with `createServiceFactory({ service: imageBuilderServiceRef, … })`.
 */
export const imageBuilderServiceRef = createServiceRef<ImageBuilder>({
  id: 'mcp-cloud.image-builder',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: { config: coreServices.rootConfig },
      factory: ({ config }) =>
        new ConfiguredImageBuilder(readImagesConfig(config)),
    }),
});
