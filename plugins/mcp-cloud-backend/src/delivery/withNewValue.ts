import { randomBytes } from 'node:crypto';
import type { KubeObject } from '../clusters/types';
import { SHARED_SECRET_KEY } from '../manifests/names';

const SECRET_BYTES = 32;

/** The Secret with a new random value, written in base64 as bridges read it. */
export function withNewValue(secret: KubeObject): KubeObject {
  const value = randomBytes(SECRET_BYTES).toString('base64');
  return { ...secret, stringData: { [SHARED_SECRET_KEY]: value } };
}
