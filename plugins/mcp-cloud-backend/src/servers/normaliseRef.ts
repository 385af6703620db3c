import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';

/** An entity reference in its full form and in lower case, so that equal ones are equal strings. */
export function normaliseRef(
  ref: string,
  defaultKind: string,
  field: string,
): string {
  try {
    return stringifyEntityRef(
      parseEntityRef(ref, { defaultKind, defaultNamespace: 'default' }),
    );
  } catch {
    throw new InputError(
      `${field}: "${ref}" is not an entity reference such as ${defaultKind}:default/name.`,
    );
  }
}
