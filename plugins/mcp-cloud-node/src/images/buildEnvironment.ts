import { existsSync } from 'node:fs';
import type { CheckedRequest } from './checkRequest';
import type { ImageBuildRequest } from './types';

/**
 * What a builder needs of its surroundings. The backend's own variables, which may hold secrets, stay out: code that
 * a build runs could otherwise read them from the builder's process.
 */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|XDG_.*|DOCKER_.*|BUILDAH_.*|BUILDKIT_.*|STORAGE_.*|CONTAINERS_.*|REGISTRY_AUTH_FILE|SSL_CERT_FILE|SSL_CERT_DIR|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)$/;

/** Variables that every build gets as arguments when the host has them. No builder keeps these in the image. */
const PROXIES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/** The environment of a builder's process. */
export function builderEnv(host: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(host).filter(([name]) => PASSED.test(name)),
  );
}

/**
 * The host's bundle of certificate authorities, when the host says that it has one of its own (as it does behind a
 * network that inspects TLS). Package installs inside a build need it to trust the registry they see.
 */
export function hostCaBundle(host: NodeJS.ProcessEnv): string | undefined {
  return [host.NODE_EXTRA_CA_CERTS, host.SSL_CERT_FILE].find(
    file => file && existsSync(file),
  );
}

/**
 * Files that a step of a Containerfile may mount while it installs packages, by `RUN --mount=type=secret,id=ca …`;
 * nothing of them stays in the image, and where the host has none the mount is simply missing. `npmrc` is lent only
 * when NPM_CONFIG_USERCONFIG names it: a home directory's own may hold tokens that are no template's business.
 */
function secretFiles(
  host: NodeJS.ProcessEnv,
): Array<[id: string, file: string]> {
  const npmrc = host.NPM_CONFIG_USERCONFIG;
  const bundle = hostCaBundle(host);
  return [
    ...(bundle ? [['ca', bundle] as [string, string]] : []),
    ...(npmrc && existsSync(npmrc)
      ? [['npmrc', npmrc] as [string, string]]
      : []),
  ];
}

/** Flags of `build` that docker and buildah share. `caPath` is where the host's bundle lies inside the build. */
export function buildFlags(
  request: ImageBuildRequest,
  { containerfile, declared }: CheckedRequest,
  options: { host: NodeJS.ProcessEnv; reference: string; caPath: string },
): string[] {
  const { host, reference, caPath } = options;
  const ca = hostCaBundle(host)
    ? { NODE_EXTRA_CA_CERTS: caPath, SSL_CERT_FILE: caPath, PIP_CERT: caPath }
    : {};
  const npmRegistry = host.npm_config_registry ?? host.NPM_CONFIG_REGISTRY;
  const offered: Record<string, string | undefined> = {
    ...ca,
    ...(npmRegistry
      ? { NPM_CONFIG_REGISTRY: npmRegistry, npm_config_registry: npmRegistry }
      : {}),
    ...request.offeredArgs,
  };
  const args: Record<string, string | undefined> = {
    ...Object.fromEntries(
      PROXIES.filter(name => host[name]).map(name => [name, host[name]]),
    ),
    ...Object.fromEntries(
      Object.entries(offered).filter(([name]) => declared.has(name)),
    ),
    ...request.buildArgs,
  };
  return [
    ...['--file', containerfile, '--tag', reference, '--network', 'host'],
    ...secretFiles(host).flatMap(([id, file]) => [
      '--secret',
      `id=${id},src=${file}`,
    ]),
    ...Object.entries(args).flatMap(([name, value]) => [
      '--build-arg',
      `${name}=${value}`,
    ]),
    ...Object.entries(request.labels ?? {}).flatMap(([name, value]) => [
      '--label',
      `${name}=${value}`,
    ]),
  ];
}
