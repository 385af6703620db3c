import { InputError } from '@backstage/errors';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { ImageBuildRequest } from './types';

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const BUILD_ARG = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** A request whose every part may go into a builder's arguments. */
export interface CheckedRequest {
  contextDir: string;
  containerfile: string;
  /** Build arguments that the Containerfile declares. */
  declared: ReadonlySet<string>;
}

/** Checks everything that goes into a builder's arguments, and finds the Containerfile. */
export async function checkRequest(
  request: ImageBuildRequest,
): Promise<CheckedRequest> {
  if (request.name.length > 200 || !NAME.test(request.name)) {
    throw new InputError(
      `"${request.name}" is not an image name. Write lower-case letters, digits and single separators, such as team-a/my-tools.`,
    );
  }
  if (!TAG.test(request.tag)) {
    throw new InputError(
      `"${request.tag}" is not an image tag. Write letters, digits, dots, hyphens and underscores.`,
    );
  }
  for (const name of Object.keys({
    ...request.offeredArgs,
    ...request.buildArgs,
  })) {
    if (!BUILD_ARG.test(name)) {
      throw new InputError(`"${name}" is not the name of a build argument.`);
    }
  }
  for (const name of Object.keys(request.labels ?? {})) {
    if (!LABEL.test(name)) {
      throw new InputError(`"${name}" is not the name of an image label.`);
    }
  }
  const contextDir = await fs.realpath(request.contextDir).catch(() => {
    throw new InputError('The directory to build does not exist.');
  });
  for (const candidate of request.containerfile
    ? [request.containerfile]
    : ['Containerfile', 'Dockerfile']) {
    const file = await fs
      .realpath(path.resolve(contextDir, candidate))
      .catch(() => undefined);
    if (!file) {
      continue;
    }
    // A link that leads out of the context would let a template read the host's files.
    if (!file.startsWith(contextDir + path.sep)) {
      throw new InputError(
        `The Containerfile "${candidate}" lies outside the directory to build.`,
      );
    }
    const text = await fs.readFile(file, 'utf8');
    const declared = new Set(
      [...text.matchAll(/^\s*ARG\s+([A-Za-z_][A-Za-z0-9_]*)/gim)].map(
        match => match[1],
      ),
    );
    return { contextDir, containerfile: file, declared };
  }
  throw new InputError(
    `There is no ${
      request.containerfile ?? 'Containerfile or Dockerfile'
    } in the directory to build. Add one, or name it with "containerfile".`,
  );
}
