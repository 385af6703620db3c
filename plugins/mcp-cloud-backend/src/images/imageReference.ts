/** The parts of an image's name. */
export interface ImageReference {
  /** `docker.io` when the name has none. */
  registry: string;
  repository: string;
  /** Digest, tag, or else `latest`: what it is asked by. */
  version: string;
  /** Without tag and digest, as it was written. */
  name: string;
}

const DOCKER_HUB = 'docker.io';

/** Reads a name that fulfils the Spec's schema, with the defaults that container runtimes have. */
export function imageReference(image: string): ImageReference {
  const [tagged, digest] = image.split('@');
  const tag = /:([^:/]+)$/.exec(tagged)?.[1];
  const name = tag ? tagged.slice(0, -tag.length - 1) : tagged;
  const version = digest ?? tag ?? 'latest';
  const [first, ...rest] = name.split('/');
  if (rest.length && /[.:]|^localhost$/.test(first)) {
    const repository = rest.join('/');
    return first === DOCKER_HUB || first === `index.${DOCKER_HUB}`
      ? {
          registry: DOCKER_HUB,
          repository: official(repository),
          version,
          name,
        }
      : { registry: first, repository, version, name };
  }
  return { registry: DOCKER_HUB, repository: official(name), version, name };
}

/** Docker Hub keeps what has no owner in a folder of its own. */
function official(repository: string): string {
  return repository.includes('/') ? repository : `library/${repository}`;
}
