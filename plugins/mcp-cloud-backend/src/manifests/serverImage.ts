import { imageReference } from '../images/imageReference';
import type { RenderInput } from './types';

/** What pods run: the bytes that the revision's tag stood for, so that every pod at any time has the same. */
export function serverImage({ spec, image }: RenderInput): string {
  return image
    ? `${imageReference(spec.image).name}@${image.digest}`
    : spec.image;
}
