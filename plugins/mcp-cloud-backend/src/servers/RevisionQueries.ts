import type {
  RevisionDetail,
  RevisionDiff,
  RevisionView,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterOf } from '../clusters/clusterOf';
import type {
  ClusterConnection,
  Clusters,
  KubeObject,
} from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { RenderInput } from '../manifests/types';
import { renderInputOf } from '../operations/renderInputOf';
import { targetOf } from '../operations/targetOf';
import { diffFields } from '../preview/diffFields';
import { diffObjects } from '../preview/diffObjects';
import type { Revision } from './Revision';
import type { RevisionStore } from './RevisionStore';

/** What there is to read of a server's revisions. */
export class RevisionQueries {
  readonly #revisions: RevisionStore;
  readonly #clusters: Clusters;
  readonly #render: (
    input: RenderInput,
    cluster: ClusterConnection,
  ) => Promise<KubeObject[]>;

  constructor(options: {
    revisions: RevisionStore;
    clusters: Clusters;
    render: (
      input: RenderInput,
      cluster: ClusterConnection,
    ) => Promise<KubeObject[]>;
  }) {
    this.#revisions = options.revisions;
    this.#clusters = options.clusters;
    this.#render = options.render;
  }

  /** Newest first. */
  async list(row: ServerRow): Promise<RevisionView[]> {
    const revisions = await this.#revisions.list(row.id);
    return revisions.map(revision => toView(revision, row));
  }

  async get(row: ServerRow, number: number): Promise<RevisionDetail> {
    const revision = await this.#revisions.get(row.id, number);
    return { ...toView(revision, row), spec: revision.spec };
  }

  /** `from`: by default the newest one that is older than `to`; the first one is compared with itself. */
  async diff(row: ServerRow, to: number, from?: number): Promise<RevisionDiff> {
    const after = await this.#revisions.get(row.id, to);
    const older = (await this.#revisions.list(row.id)).find(
      ({ number }) => number < to,
    );
    const before =
      from === undefined
        ? older ?? after
        : await this.#revisions.get(row.id, from);
    const [objectsBefore, objectsAfter] = await Promise.all(
      [before, after].map(revision => this.#objects(row, revision)),
    );
    return {
      from: before.number,
      to,
      spec: diffFields(before.spec, after.spec),
      objects: diffObjects(objectsBefore, objectsAfter),
    };
  }

  /** The objects that a revision would be today, with the run state and replicas of now. */
  #objects(row: ServerRow, revision: Revision): Promise<KubeObject[]> {
    const { number, secretVersion } = revision;
    const target = { ...targetOf(row), revision: number, secretVersion };
    return this.#render(
      renderInputOf(row, revision, target),
      clusterOf(this.#clusters, row),
    );
  }
}

function toView(revision: Revision, row: ServerRow): RevisionView {
  const { number, author, message, createdAt, origin, restores, label } =
    revision;
  return {
    number,
    author,
    ...(message !== undefined && { message }),
    createdAt,
    origin,
    ...(restores !== undefined && { restores }),
    ...(label !== undefined && { label }),
    image: revision.spec.image,
    ...(revision.image && { digest: revision.image.digest }),
    newest: number === row.revision,
    good: number === row.good_revision,
  };
}
