import type { SigningKeyRow } from '../database/rows';
import { unseal } from './seal';

/** Whether a stored key was sealed with this secret. */
export function opens(
  row: Pick<SigningKeyRow, 'sealed_private_key' | 'kid'>,
  secret: string,
): boolean {
  try {
    unseal(row.sealed_private_key, secret, row.kid);
    return true;
  } catch {
    return false;
  }
}
