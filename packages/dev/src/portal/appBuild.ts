import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  checkoutCacheDir,
  inRepository,
  repositoryDir,
} from '../repository.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import { withLock } from '../../../dev-cluster/src/system/lock.ts';
import { hashOfSources } from '../system/sources.ts';

const sources = [
  'packages/app',
  'plugins/mcp-cloud',
  'plugins/mcp-cloud-common',
  'yarn.lock',
  'app-config.yaml',
];
const KEPT_BUILDS = 4;

export interface Pages {
  /** The package whose `dist` the backend serves. */
  folder: string;
  built: boolean;
}

/**
 * Builds the pages, unless there is a build of the same sources. Each build has a folder of its own, so that one
 * portal's build takes nothing away from under another that runs. Addresses are not part of a build: the backend
 * writes its configuration into the page as it serves it.
 */
export function buildApp(env: NodeJS.ProcessEnv): Promise<Pages> {
  const builds = join(checkoutCacheDir, 'pages');
  return withLock(join(checkoutCacheDir, 'pages.lock'), 900, async () => {
    const folder = join(
      builds,
      hashOfSources(repositoryDir, sources).slice(0, 16),
    );
    const isThere = existsSync(join(folder, 'dist', 'index.html.tmpl'));
    if (!isThere) {
      const app = inRepository('packages', 'app');
      const cli = inRepository('node_modules', '.bin', 'backstage-cli');
      await runNode([cli, 'package', 'build'], {
        cwd: app,
        env,
        seconds: 1200,
      });
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      copyFileSync(join(app, 'package.json'), join(folder, 'package.json'));
      renameSync(join(app, 'dist'), join(folder, 'dist'));
    }
    const now = new Date();
    utimesSync(folder, now, now);
    forgetOldBuilds(builds);
    return { folder, built: !isThere };
  });
}

/** Keeps those that were asked for last. */
function forgetOldBuilds(builds: string): void {
  const byUse = readdirSync(builds)
    .map(name => join(builds, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of byUse.slice(KEPT_BUILDS)) {
    rmSync(folder, { recursive: true, force: true });
  }
}
