import { join, resolve } from 'node:path';

/** The checkout that this package is part of. */
export const repositoryDir = resolve(import.meta.dirname, '..', '..', '..');

/** A file of the checkout. */
export const inRepository = (...parts: string[]) =>
  join(repositoryDir, ...parts);

/** What can be made anew and belongs to this checkout, such as the hash of the sources that were built last. */
export const checkoutCacheDir = inRepository(
  'node_modules',
  '.cache',
  'mcp-cloud',
);
