export { BuildahImageBuilder } from './BuildahImageBuilder';
export { DockerImageBuilder } from './DockerImageBuilder';
export { ImageBuildError } from './ImageBuildError';
export { imageBuilderServiceRef } from './imageBuilderServiceRef';
export { readImagesConfig, type ImagesConfig } from './readImagesConfig';
export type { BuiltImage, ImageBuilder, ImageBuildRequest } from './types';
