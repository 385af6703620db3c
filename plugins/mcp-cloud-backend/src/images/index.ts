export { HttpImageRegistries } from './HttpImageRegistries';
export { readRegistries } from './readRegistries';
export type { ImageFacts, ImageRegistries } from './types';
