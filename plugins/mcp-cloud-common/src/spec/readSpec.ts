import { serverSpecSchema, type ServerSpec } from './serverSpec';

/**
 * A Spec as it was stored, maybe by an earlier release: fields that came later get their defaults. When a release
 * changes what a field means, it raises `SPEC_API_VERSION` and rewrites Specs of the versions before here, first.
 */
export function readSpec(stored: unknown): ServerSpec {
  return serverSpecSchema.parse(stored);
}
