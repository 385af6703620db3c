import { globSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkoutCacheDir,
  inRepository,
  repositoryDir,
} from '../repository.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import {
  readIfThere,
  writeWhole,
} from '../../../dev-cluster/src/system/files.ts';
import { hashOfSources } from '../system/sources.ts';

const mark = join(checkoutCacheDir, 'installed');

/** What decides which packages are installed. */
function hashOfManifests(): string {
  const manifests = globSync(
    ['packages/*/package.json', 'plugins/*/package.json'],
    { cwd: repositoryDir },
  ).sort();
  return hashOfSources(repositoryDir, [
    'package.json',
    'yarn.lock',
    '.yarnrc.yml',
    ...manifests,
  ]);
}

/** Installs the packages of yarn.lock, unless they are. Returns whether there was something to do. */
export async function installPackages(): Promise<boolean> {
  const hash = hashOfManifests();
  const complete =
    readIfThere(inRepository('node_modules', '.yarn-state.yml')) !== undefined;
  if (complete && readIfThere(mark) === hash) {
    return false;
  }
  // The checkout's own Yarn, by Node: neither corepack nor a yarn on the PATH is needed.
  await runNode(
    [
      inRepository('.yarn', 'releases', 'yarn-4.13.0.cjs'),
      'install',
      '--immutable',
    ],
    {
      cwd: repositoryDir,
      seconds: 1800,
    },
  );
  writeWhole(mark, hash);
  return true;
}
