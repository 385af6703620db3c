import { createHash } from 'node:crypto';

/** Longest name of a namespace. */
const MAX = 63;
/** Digits of the hash; 64 bits, so that nobody finds two owners that share a namespace. */
const HASH = 16;

/**
 * Name of the namespace of an owner (a full entity reference), always the same: `group:default/team-a` with the prefix
 * `mcp-owner-` is in `mcp-owner-team-a-` and a hash of the whole reference. The readable part is for people alone.
 */
export function ownerNamespace(prefix: string, owner: string): string {
  const hash = createHash('sha256').update(owner).digest('hex').slice(0, HASH);
  const readable = owner
    .slice(owner.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX - prefix.length - HASH - 1)
    .replace(/^-+|-+$/g, '');
  return `${prefix}${readable}${readable && '-'}${hash}`;
}
