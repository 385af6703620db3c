import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './system/exec.ts';
import { withLock } from './system/lock.ts';
import { cacheDir, goDir } from './paths.ts';
import { say } from './system/steps.ts';
import { findGo } from './toolchain.ts';

/** Names under which the one Kubernetes binary is called. */
const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
  'metrics-server',
  'coredns',
];

/** The folder of the cluster's binaries: every component, `forward` and `pause`. */
export async function ensureBinaries(): Promise<string> {
  const sources = readSources(goDir);
  const hash = hashSources(sources);
  const dir = join(cacheDir(), hash);
  if (existsSync(dir)) {
    return dir;
  }
  return withLock(join(cacheDir(), 'build.lock'), 1800, async () => {
    if (!existsSync(dir)) {
      await build(dir, kubernetesVersion(sources.get('go.mod') ?? ''));
    }
    return dir;
  });
}

async function build(dir: string, version: string): Promise<void> {
  say(
    `Building Kubernetes ${version} from source, once: some minutes, and 6 GB in Go's caches`,
  );
  const go = await findGo();
  const temporary = `${dir}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  // Low priority: a build of several minutes should leave the machine usable.
  await run(
    'nice',
    [
      go,
      'build',
      '-trimpath',
      '-mod=readonly',
      '-buildvcs=false',
      '-ldflags',
      linkerFlags(version),
      '-o',
      `${temporary}/`,
      './...',
    ],
    {
      cwd: goDir,
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOTOOLCHAIN: 'local',
        GOFLAGS: '',
      },
      seconds: 3000,
    },
  );
  for (const name of components) {
    symlinkSync('kube', join(temporary, name));
  }
  // Only a finished build gets the name that others look for.
  renameSync(temporary, dir);
  prune(cacheDir(), 3);
}

/** Keeps the newest builds; each takes 150 MB. Running processes keep their files regardless. */
export function prune(cache: string, keep: number): void {
  const builds = readdirSync(cache)
    .filter(name => /^[0-9a-f]{16}$/.test(name))
    .map(name => join(cache, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  builds
    .slice(keep)
    .forEach(dir => rmSync(dir, { recursive: true, force: true }));
}

/** The sources of the binaries by their path, which decide whether a build is needed. */
export function readSources(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(
      entry => entry.isFile() && /(\.go|^go\.mod|^go\.sum)$/.test(entry.name),
    )
    .filter(entry => !entry.name.endsWith('_test.go'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  return new Map(
    files.map(file => [relative(dir, file), readFileSync(file, 'utf8')]),
  );
}

export function hashSources(sources: Map<string, string>): string {
  const hash = createHash('sha256');
  for (const [path, content] of sources) {
    hash.update(`${path}\0${content.length}\0${content}`);
  }
  return hash.digest('hex').slice(0, 16);
}

export function kubernetesVersion(goMod: string): string {
  const match = /k8s\.io\/kubernetes (v\d+\.\d+\.\d+)/.exec(goMod);
  if (!match) {
    throw new Error('go.mod does not name k8s.io/kubernetes');
  }
  return match[1];
}

/** Kubernetes learns its own version from the linker, as in its official builds. */
export function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split('.');
  const set = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
  };
  const variables = Object.entries(set).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return ['-s', '-w', ...variables].join(' ');
}
