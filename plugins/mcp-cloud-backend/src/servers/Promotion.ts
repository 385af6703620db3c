import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import {
  promoteSpec,
  serverSpecSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { Revision } from './Revision';
import type { RevisionStore } from './RevisionStore';
import type { ServerStore } from './ServerStore';

/** What a promotion comes to: where it goes, and the Spec there afterwards. Changes nothing. */
export class Promotion {
  readonly #store: Pick<ServerStore, 'list'>;
  readonly #revisions: RevisionStore;

  constructor(options: {
    store: Pick<ServerStore, 'list'>;
    revisions: RevisionStore;
  }) {
    this.#store = options.store;
    this.#revisions = options.revisions;
  }

  /** The server of the same application that has this name, or else the one in this environment. */
  async target(source: ServerRow, to: string): Promise<ServerRow> {
    const { application } = source;
    const servers = await this.#store.list({ application });
    const named = servers.filter(({ name }) => name === to);
    const found = named.length
      ? named
      : servers.filter(({ environment }) => environment === to);
    if (!found.length) {
      throw new NotFoundError(
        `to: The application "${application}" has no server called "${to}", and none in an environment of this name. Make it first (POST /servers), with application: ${application} and environment: ${to}, for instance from the Spec of "${source.name}".`,
      );
    }
    if (found.length > 1) {
      throw new ConflictError(
        `to: There are several servers in the environment "${to}". Name one of them: ${found
          .map(({ name }) => name)
          .join(', ')}.`,
      );
    }
    if (found[0].id === source.id) {
      throw new InputError(
        `to: "${source.name}" cannot be promoted to itself. Name another server or environment of "${application}".`,
      );
    }
    return found[0];
  }

  /** The Spec, and what its image is where it was tried: a tag may stand for another one by now. */
  async revision(
    source: ServerRow,
    target: ServerRow,
    revision = source.revision,
  ): Promise<Pick<Revision, 'spec' | 'image'>> {
    const from = await this.#revisions.get(source.id, revision);
    const to = await this.#revisions.get(target.id, target.revision);
    const promoted = serverSpecSchema.safeParse(
      promoteSpec(from.spec, to.spec),
    );
    if (!promoted.success) {
      const problems = promoted.error.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
      throw new InputError(
        `What "${source.name}" brings does not fit what stays of "${
          target.name
        }". ${problems.join(' ')} Change "${target.name}" first.`,
      );
    }
    return { spec: promoted.data, image: from.image };
  }
}
