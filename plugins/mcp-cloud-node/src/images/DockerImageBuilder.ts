import { buildFlags, builderEnv } from './buildEnvironment';
import { checkRequest } from './checkRequest';
import { ImageBuildError } from './ImageBuildError';
import { checkRegistry } from './registry';
import { runCommand, type RunCommand } from './runCommand';
import { DEFAULT_BUILD_TIMEOUT_MS, Deadline } from './shared';
import type { BuiltImage, ImageBuilder, ImageBuildRequest } from './types';

/** Builds with a Docker engine (BuildKit). Docker itself speaks plain HTTP with registries on loopback addresses. */
export class DockerImageBuilder implements ImageBuilder {
  readonly #registry: string;
  readonly #host: NodeJS.ProcessEnv;
  readonly #run: RunCommand;

  constructor(options: {
    registry: string;
    host?: NodeJS.ProcessEnv;
    run?: RunCommand;
  }) {
    this.#registry = checkRegistry(options.registry);
    this.#host = options.host ?? process.env;
    this.#run = options.run ?? runCommand;
  }

  async build(request: ImageBuildRequest): Promise<BuiltImage> {
    const checked = await checkRequest(request);
    const repository = `${this.#registry}/${request.name}`;
    const reference = `${repository}:${request.tag}`;
    const deadline = new Deadline(
      request.timeoutMs ?? DEFAULT_BUILD_TIMEOUT_MS,
    );
    const env = { ...builderEnv(this.#host), DOCKER_BUILDKIT: '1' };
    const common = { env, signal: request.signal, onLine: request.onLine };
    // Docker mounts no host files into a build; the bundle is there for the steps that mount it as a secret.
    const flags = buildFlags(request, checked, {
      host: this.#host,
      reference,
      caPath: '/run/secrets/ca',
    });
    await this.#run(
      ['docker', 'build', '--progress', 'plain', ...flags, checked.contextDir],
      {
        ...common,
        timeoutMs: deadline.left(),
        doing: `Building ${reference}`,
      },
    );
    const pushed = await this.#run(['docker', 'push', reference], {
      ...common,
      timeoutMs: deadline.left(),
      doing: `Pushing ${reference}`,
    });
    const digest = /\bdigest: (sha256:[a-f0-9]{64})\b/.exec(pushed.stdout)?.[1];
    if (!digest) {
      throw new ImageBuildError(
        `Docker pushed ${reference} and did not tell its digest.`,
        {
          lastLines: pushed.stdout.split('\n').slice(-5),
        },
      );
    }
    return { image: `${reference}@${digest}`, digest };
  }
}
