import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildFlags, builderEnv, hostCaBundle } from './buildEnvironment';
import { checkRequest } from './checkRequest';
import { checkRegistry, isLoopback, registryHost } from './registry';
import { runCommand, type RunCommand } from './runCommand';
import { DEFAULT_BUILD_TIMEOUT_MS, Deadline } from './shared';
import type { BuiltImage, ImageBuilder, ImageBuildRequest } from './types';

/** Where images look for certificate authorities; the host's bundle lies over it while a build runs. */
const CA_PATH = '/etc/ssl/certs/ca-certificates.crt';

/** Builds with buildah, which needs no daemon, so also on machines without a container engine. */
export class BuildahImageBuilder implements ImageBuilder {
  readonly #registry: string;
  readonly #host: NodeJS.ProcessEnv;
  readonly #run: RunCommand;
  readonly #isRoot: boolean;

  constructor(options: {
    registry: string;
    host?: NodeJS.ProcessEnv;
    run?: RunCommand;
    isRoot?: boolean;
  }) {
    this.#registry = checkRegistry(options.registry);
    this.#host = options.host ?? process.env;
    this.#run = options.run ?? runCommand;
    this.#isRoot = options.isRoot ?? process.getuid?.() === 0;
  }

  async build(request: ImageBuildRequest): Promise<BuiltImage> {
    const checked = await checkRequest(request);
    const reference = `${this.#registry}/${request.name}:${request.tag}`;
    const deadline = new Deadline(
      request.timeoutMs ?? DEFAULT_BUILD_TIMEOUT_MS,
    );
    const scratch = await fs.mkdtemp(
      path.join(os.tmpdir(), 'mcp-cloud-build-'),
    );
    const env = this.#env();
    const common = { env, signal: request.signal, onLine: request.onLine };
    try {
      const buildah = ['buildah', ...(await this.#registriesConf(scratch))] as [
        string,
        ...string[],
      ];
      const idFile = path.join(scratch, 'image-id');
      const digestFile = path.join(scratch, 'digest');
      const flags = buildFlags(request, checked, {
        host: this.#host,
        reference,
        caPath: CA_PATH,
      });
      const bundle = hostCaBundle(this.#host);
      const volume = bundle ? ['--volume', `${bundle}:${CA_PATH}:ro`] : [];
      await this.#run(
        [
          ...buildah,
          'build',
          '--iidfile',
          idFile,
          ...volume,
          ...flags,
          checked.contextDir,
        ],
        {
          ...common,
          timeoutMs: deadline.left(),
          doing: `Building ${reference}`,
        },
      );
      try {
        await this.#run(
          [
            ...buildah,
            'push',
            '--digestfile',
            digestFile,
            reference,
            `docker://${reference}`,
          ],
          {
            ...common,
            timeoutMs: deadline.left(),
            doing: `Pushing ${reference}`,
          },
        );
      } finally {
        await this.#forget(buildah, idFile, env);
      }
      const digest = (await fs.readFile(digestFile, 'utf8')).trim();
      return { image: `${reference}@${digest}`, digest };
    } finally {
      await fs.rm(scratch, { recursive: true, force: true });
    }
  }

  /**
   * As root inside a container, user namespaces and overlay mounts are usually forbidden; a plain directory store and
   * chroot work there and everywhere else. Who can do better says so in the environment of the backend.
   */
  #env(): NodeJS.ProcessEnv {
    const defaults = this.#isRoot
      ? { STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' }
      : {};
    return { ...defaults, ...builderEnv(this.#host) };
  }

  /** Plain HTTP for our own registry on this machine alone; every other one is still spoken to by TLS. */
  async #registriesConf(scratch: string): Promise<string[]> {
    if (!isLoopback(this.#registry)) {
      return [];
    }
    const file = path.join(scratch, 'registries.conf');
    await fs.writeFile(
      file,
      `unqualified-search-registries = ["docker.io"]\n\n[[registry]]\nlocation = "${registryHost(
        this.#registry,
      )}"\ninsecure = true\n`,
    );
    return ['--registries-conf', file];
  }

  /** The registry has the image now; keeping a copy of each build would fill the disk. */
  async #forget(
    buildah: [string, ...string[]],
    idFile: string,
    env: NodeJS.ProcessEnv,
  ): Promise<void> {
    const id = await fs.readFile(idFile, 'utf8').catch(() => '');
    if (id) {
      await this.#run([...buildah, 'rmi', '--force', id.trim()], {
        env,
        timeoutMs: 60_000,
        doing: 'Removing the local copy of the image',
      }).catch(() => undefined);
    }
  }
}
