import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLocal } from './registry.ts';
import { run, works } from './steps.ts';

/** One image to build. */
export interface BuildRequest {
  readonly containerfile: string;
  readonly context: string;
  /** Its name in the builder's own store. */
  readonly tag: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Files that steps may mount by `--mount=type=secret,id=…`; nothing of them stays in the image. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A program that builds images. */
export interface Builder {
  readonly name: 'docker' | 'buildah';
  build(request: BuildRequest): Promise<void>;
  has(tag: string): Promise<boolean>;
  push(tag: string, ref: string): Promise<void>;
}

/** Where cached file systems and buildah's own images are kept. */
export const cacheDir = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'mcp-cloud',
  'images',
);

function pairs(
  flag: string,
  values: Readonly<Record<string, string>> = {},
): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    flag,
    `${name}=${value}`,
  ]);
}

function secretFlags(secrets: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(secrets).flatMap(([id, file]) => [
    '--secret',
    `id=${id},src=${file}`,
  ]);
}

/** A company's proxy is needed while a build installs packages; docker and buildah keep these names out of the image. */
function proxyFlags(): string[] {
  const names = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
  ];
  return names.flatMap(name =>
    process.env[name] ? ['--build-arg', `${name}=${process.env[name]}`] : [],
  );
}

function buildFlags({
  containerfile,
  tag,
  args,
  labels,
  secrets,
}: BuildRequest): string[] {
  return [
    ...['--file', containerfile, '--tag', tag, '--network', 'host'],
    ...pairs('--build-arg', args),
    ...pairs('--label', labels),
    ...secretFlags(secrets),
    ...proxyFlags(),
  ];
}

const docker: Builder = {
  name: 'docker',
  async build(request) {
    await run('docker', ['build', ...buildFlags(request), request.context], {
      env: { DOCKER_BUILDKIT: '1' },
    });
  },
  has: tag => works('docker', ['image', 'inspect', tag]),
  async push(tag, ref) {
    await run('docker', ['tag', tag, ref]);
    await run('docker', ['push', ref]);
  },
};

/** buildah with a store of its own: no daemon, and no user namespace needed when it runs as root. */
async function createBuildah(): Promise<Builder> {
  const base = [
    '--root',
    join(cacheDir, 'storage'),
    '--runroot',
    join(tmpdir(), 'mcp-cloud-buildah'),
  ];
  const overlay = [...base, '--storage-driver', 'overlay'];
  const driver = (await works('buildah', [...overlay, 'images']))
    ? overlay
    : [
        ...base.with(1, join(cacheDir, 'storage-vfs')),
        '--storage-driver',
        'vfs',
      ];
  const buildah = (args: readonly string[]) =>
    run('buildah', [...driver, ...args], {
      env: { BUILDAH_ISOLATION: process.env.BUILDAH_ISOLATION ?? 'chroot' },
    });
  return {
    name: 'buildah',
    async build(request) {
      await buildah([
        'build',
        '--layers',
        ...buildFlags(request),
        request.context,
      ]);
    },
    async has(tag) {
      try {
        return (await buildah(['images', '--quiet', tag])) !== '';
      } catch {
        return false;
      }
    },
    async push(tag, ref) {
      const tls = isLocal(ref.split('/')[0]) ? ['--tls-verify=false'] : [];
      await buildah(['push', '--quiet', ...tls, tag, `docker://${ref}`]);
    },
  };
}

/** The builder of that name; `auto` takes docker when its engine answers, else buildah. @throws when there is none */
export async function findBuilder(name: string): Promise<Builder> {
  if (name !== 'buildah' && (await works('docker', ['version']))) return docker;
  if (name !== 'docker' && (await works('buildah', ['version'])))
    return createBuildah();
  throw new Error(
    name === 'auto'
      ? 'Neither a Docker engine nor buildah was found; install one of them'
      : `${name} was asked for and does not work here`,
  );
}
