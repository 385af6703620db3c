export { renderManifests } from './renderManifests';
export { secretName } from './names';
export type { PlatformSettings, PublicJwk, RenderInput } from './types';
