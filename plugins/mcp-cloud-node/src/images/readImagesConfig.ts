import type { RootConfigService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { checkRegistry } from './registry';

const BUILDERS = ['auto', 'docker', 'buildah'] as const;

/** `mcpCloud.images`, checked. */
export interface ImagesConfig {
  /** Where images are pushed; without it no image can be built. */
  registry?: string;
  builder: (typeof BUILDERS)[number];
  /** Image that servers are built from. */
  bridgeImage?: string;
  /** Image with which servers are compiled. */
  builderImage?: string;
}

/** Reads `mcpCloud.images`. */
export function readImagesConfig(config: RootConfigService): ImagesConfig {
  const images = config.getOptionalConfig('mcpCloud.images');
  const registry = images?.getOptionalString('registry');
  const name = images?.getOptionalString('builder') ?? 'auto';
  const builder = BUILDERS.find(known => known === name);
  if (!builder) {
    throw new InputError(
      `mcpCloud.images.builder is "${name}". Choose one of ${BUILDERS.join(
        ', ',
      )}.`,
    );
  }
  return {
    registry: registry === undefined ? undefined : checkRegistry(registry),
    builder,
    bridgeImage: images?.getOptionalString('bridgeImage'),
    builderImage: images?.getOptionalString('builderImage'),
  };
}
