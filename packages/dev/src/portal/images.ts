import { inRepository, repositoryDir } from '../repository.ts';
import { lastJson, runNode } from '../../../dev-cluster/src/system/exec.ts';
import { ensurePackages } from '../../../dev-cluster/src/system/debianPackages.ts';

/** An image that stands ready in the registry. */
export interface Image {
  /** With a tag that changes with the content. */
  ref: string;
  /** With the tag of the version. */
  stable: string;
  /** Whether it had to be built just now. */
  built: boolean;
}

/** The bridge's image, from which others are built, the one their sources are compiled in, and example servers. */
export interface Images {
  bridge: Image;
  builder: Image;
  everything: Image;
  hello: Image;
  /** A server without a bridge. */
  plain: Image;
}

const builders = [
  { file: 'buildah', debianPackage: 'buildah' },
  { file: 'debootstrap', debianPackage: 'debootstrap' },
];

/** Builds the bridge's image and those of the examples, unless the registry has them. */
export async function buildImages(
  registry: string,
  withDocker: boolean,
): Promise<Images> {
  if (!withDocker) {
    await ensurePackages(builders);
  }
  const output = await runNode(
    [
      inRepository('bridge-image', 'build.ts'),
      '--registry',
      registry,
      '--json',
    ],
    {
      cwd: repositoryDir,
      seconds: 1800,
      show: true,
    },
  );
  return lastJson<Images>(output);
}

export const someBuilt = (images: Images) =>
  Object.values(images).some((image: Image) => image.built);
