import { InputError } from '@backstage/errors';
import { BuildahImageBuilder } from './BuildahImageBuilder';
import { builderEnv } from './buildEnvironment';
import { DockerImageBuilder } from './DockerImageBuilder';
import { ImageBuildError } from './ImageBuildError';
import type { ImagesConfig } from './readImagesConfig';
import { runCommand, type RunCommand } from './runCommand';
import type { BuiltImage, ImageBuilder, ImageBuildRequest } from './types';

const PROBE_TIMEOUT_MS = 10_000;

/** The builder that the configuration names; `auto` takes a Docker engine that answers, else buildah. */
export class ConfiguredImageBuilder implements ImageBuilder {
  readonly #config: ImagesConfig;
  readonly #run: RunCommand;

  constructor(config: ImagesConfig, options: { run?: RunCommand } = {}) {
    this.#config = config;
    this.#run = options.run ?? runCommand;
  }

  async build(request: ImageBuildRequest): Promise<BuiltImage> {
    if (!this.#config.registry) {
      throw new InputError(
        'No registry is configured, so there is nowhere to put an image. Set mcpCloud.images.registry in the configuration.',
      );
    }
    return (await this.#choose(this.#config.registry)).build(request);
  }

  /** Asked at each build, not once: an engine may come and go while the backend runs. */
  async #choose(registry: string): Promise<ImageBuilder> {
    const options = { registry, run: this.#run };
    switch (this.#config.builder) {
      case 'docker':
        return new DockerImageBuilder(options);
      case 'buildah':
        return new BuildahImageBuilder(options);
      default:
        // The client alone is not enough: only an engine that answers can build.
        if (
          await this.#works(
            'docker',
            'version',
            '--format',
            '{{.Server.Version}}',
          )
        ) {
          return new DockerImageBuilder(options);
        }
        if (await this.#works('buildah', '--version')) {
          return new BuildahImageBuilder(options);
        }
        throw new ImageBuildError(
          'There is nothing to build images with. Install buildah, or start a Docker engine, where the backend runs.',
          { lastLines: [] },
        );
    }
  }

  async #works(...argv: [string, ...string[]]): Promise<boolean> {
    return this.#run(argv, {
      env: builderEnv(process.env),
      timeoutMs: PROBE_TIMEOUT_MS,
      doing: 'Looking for a builder',
    }).then(
      () => true,
      () => false,
    );
  }
}
