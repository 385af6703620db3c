import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const skipped = new Set([
  'node_modules',
  'dist',
  'dist-types',
  'coverage',
  'e2e',
  'conformance',
  'test-results',
]);

/** Every file below a folder (or the file itself), in an order that never changes. */
function* filesBelow(path: string): Generator<string> {
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  const names = readdirSync(path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  for (const entry of names) {
    if (skipped.has(entry.name) || /\.test\.tsx?$/.test(entry.name)) {
      continue;
    }
    if (entry.isDirectory()) {
      yield* filesBelow(join(path, entry.name));
    } else if (entry.isFile()) {
      yield join(path, entry.name);
    }
  }
}

/** A hash of the names and contents of sources; tests and what is made from sources do not count. */
export function hashOfSources(base: string, paths: string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesBelow(join(base, path))) {
      const content = readFileSync(file);
      hash
        .update(`${relative(base, file)}\0${content.length}\0`)
        .update(content);
    }
  }
  return hash.digest('hex');
}
