import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const IGNORED = new Set(['node_modules', '.git', 'README.md']);

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter(name => !IGNORED.has(name))
    .sort()
    .flatMap(name => filesOf(join(path, name)));
}

/** A hash (hex) over texts and the contents of files and folders, READMEs and installed packages aside. */
export function hashOf(
  texts: readonly string[],
  root: string,
  paths: readonly string[] = [],
): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of paths.flatMap(path => filesOf(join(root, path)))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}
