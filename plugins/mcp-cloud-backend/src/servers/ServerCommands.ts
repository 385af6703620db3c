import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type {
  Operation,
  OperationKind,
  RevisionOrigin,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterOf } from '../clusters/clusterOf';
import type { Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { ImageFacts } from '../images/types';
import { PLATFORM, type Actor } from '../operations/Actor';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { Quota } from '../quota/Quota';
import type { Acceptance } from './Acceptance';
import { normaliseSpec, refuseImmutable, refuseStale } from './changeRules';
import { goBack } from './goBack';
import { checkIfReached } from './clusterChecks';
import { refuseUnsupported, type PlatformRules } from './platformRules';
import type { Revision } from './Revision';
import type { RevisionStore } from './RevisionStore';
import type { ServerImages } from './ServerImages';
import { ServerSecrets } from './ServerSecrets';
import { columnsOf, nameTaken, type ServerStore } from './ServerStore';

/** A complete Spec with what goes along with it. */
export interface SpecChange {
  spec: ServerSpec;
  secretValues?: Record<string, string>;
  message?: string;
  /** What the image is, when that is not to be looked up: the very one that ran elsewhere. */
  image?: ImageFacts;
  /** By default an update is one. */
  origin?: RevisionOrigin;
}

/** What changing servers takes. */
export interface ServerCommandsOptions {
  store: ServerStore;
  operations: OperationStore;
  revisions: RevisionStore;
  secrets: ServerSecrets;
  images: ServerImages;
  clusters: Clusters;
  acceptance: Acceptance;
  rules: PlatformRules;
  quota: Quota;
}

/**
 * What is wanted of servers is changed here, and nowhere else, each change in one transaction with the operation
 * that carries it out. Knows no users' rights: see `AuthorizedServerService`.
 */
export class ServerCommands {
  readonly #options: ServerCommandsOptions;

  constructor(options: ServerCommandsOptions) {
    this.#options = options;
  }

  async create(
    change: SpecChange & { replicas: number },
    actor: Actor,
  ): Promise<Operation> {
    const { store, operations, secrets, clusters, acceptance, quota } =
      this.#options;
    const spec = normaliseSpec(change.spec);
    refuseUnsupported(spec, this.#options.rules);
    const { namespaces } = clusters.get(spec.cluster);
    const place = {
      cluster: spec.cluster,
      namespace: namespaces.of(spec.owner),
    };
    ServerSecrets.check(spec, change.secretValues ?? {});
    await checkIfReached(clusterOf(clusters, place), spec, this.#options.rules);
    if (await store.findByName(spec.name)) {
      throw nameTaken(spec.name);
    }
    const { facts: image } = await this.#options.images.check(spec);

    const server = { id: randomUUID(), name: spec.name, ...place };
    const secretVersion = spec.secrets.length
      ? await secrets.put(server, change.secretValues!)
      : undefined;
    const now = new Date().toISOString();
    const row: ServerRow = {
      ...columnsOf(spec),
      ...server,
      live_name: spec.name,
      run_state: 'running',
      replicas: change.replicas,
      revision: 1,
      good_revision: null,
      secret_version: secretVersion ?? null,
      restarted_at: null,
      silence: null,
      tokens_not_before: 0,
      fence: 0,
      version: 1,
      created_at: now,
      created_by: actor.principal,
      updated_at: now,
      deleted_at: null,
    };
    const revision = {
      number: 1,
      spec,
      image,
      secretVersion,
      author: actor.principal,
      message: change.message,
      createdAt: now,
      origin: 'create' as const,
    };
    return secrets.takeBackOnFailure(server, secretVersion, () =>
      acceptance.accept(
        row.id,
        async trx => {
          await quota.admit(trx, row, spec);
          await store.insert(trx, row, revision);
          await secrets.activate(trx, server, secretVersion);
          return operations.accept(trx, operationFor(row, 'deploy', actor));
        },
        { list: true },
      ),
    );
  }

  /** `ifMatch` is an ETag, or `*` for whatever there is. */
  async update(
    row: ServerRow,
    ifMatch: string,
    change: SpecChange,
    actor: Actor,
  ): Promise<Operation> {
    const {
      store,
      operations,
      revisions,
      secrets,
      clusters,
      images,
      acceptance,
      quota,
    } = this.#options;
    const spec = normaliseSpec(change.spec);
    const cluster = clusterOf(clusters, row);
    refuseImmutable(row, spec, cluster.namespaces);
    refuseUnsupported(spec, this.#options.rules);
    // Early, so that no secret is written in vain; what counts is the check in the transaction.
    refuseStale(row, ifMatch);
    await checkIfReached(cluster, spec, this.#options.rules);
    const image =
      change.image ??
      (await images.check(spec, await revisions.get(row.id, row.revision)))
        .facts;
    const { version: secretVersion, isNew } = await secrets.forUpdate(
      row,
      spec,
      change.secretValues,
    );
    const newVersion = isNew ? secretVersion : undefined;
    return secrets.takeBackOnFailure(row, newVersion, () =>
      acceptance.accept(
        row.id,
        async trx => {
          const before = await acceptance.lock(trx, row);
          refuseStale({ version: before.version - 1 }, ifMatch);
          refuseImmutable(before, spec, cluster.namespaces);
          const revision: Revision = {
            number: before.revision + 1,
            spec,
            image,
            secretVersion,
            author: actor.principal,
            message: change.message,
            createdAt: new Date().toISOString(),
            origin: change.origin ?? 'update',
          };
          const after: ServerRow = {
            ...before,
            ...columnsOf(spec),
            revision: revision.number,
            secret_version: secretVersion ?? null,
          };
          await quota.admit(trx, after, spec);
          await store.addRevision(trx, row.id, revision);
          await secrets.activate(trx, row, newVersion);
          return operations.accept(trx, operationFor(after, 'deploy', actor));
        },
        { list: true },
      ),
    );
  }

  /** Goes back to an earlier revision, by a new one of the same Spec. A stopped server stays stopped. */
  async rollback(
    row: ServerRow,
    to: number,
    message: string | undefined,
    actor: Actor,
  ): Promise<Operation> {
    const { store, operations, revisions, secrets, acceptance, quota } =
      this.#options;
    const revision = await revisions.get(row.id, to);
    const secretVersion = await secrets.forRollback(row, revision);
    return acceptance.accept(
      row.id,
      async trx => {
        const server = await acceptance.lock(trx, row);
        if (to === server.revision) {
          throw new ConflictError(
            `Revision ${to} is the newest one already. Choose an earlier one.`,
          );
        }
        return goBack(
          trx,
          { servers: store, operations, quota },
          {
            server,
            to: {
              ...revision,
              // It may be from before a move, which a rollback does not undo.
              spec: { ...revision.spec, cluster: server.cluster },
              secretVersion,
            },
            origin: 'rollback',
            actor,
            message,
          },
        );
      },
      { list: true },
    );
  }

  /** Names a revision, so that it is kept and found again; `null` takes the name away. */
  async label(
    row: ServerRow,
    number: number,
    label: string | null,
  ): Promise<void> {
    const { store, revisions, acceptance } = this.#options;
    await store.transaction(async trx => {
      await acceptance.lock(trx, row);
      await revisions.get(row.id, number, trx);
      await revisions.setLabel(trx, row.id, number, label);
    });
  }

  scale(row: ServerRow, replicas: number, actor: Actor): Promise<Operation> {
    return this.#change(row, 'scale', actor, now => {
      if (now.scaling !== null) {
        throw new ConflictError(
          `"${row.name}" is scaled by load. Change scaling in its Spec, or take it out for a fixed number of pods.`,
        );
      }
      return { replicas };
    });
  }

  stop(row: ServerRow, actor: Actor): Promise<Operation> {
    return this.#change(row, 'stop', actor, () => ({
      run_state: 'stopped',
    }));
  }

  start(row: ServerRow, actor: Actor): Promise<Operation> {
    return this.#change(row, 'start', actor, () => ({
      run_state: 'running',
    }));
  }

  restart(row: ServerRow, actor: Actor): Promise<Operation> {
    return this.#change(row, 'restart', actor, now => {
      if (now.run_state === 'stopped') {
        throw new ConflictError(`"${row.name}" is stopped. Start it instead.`);
      }
      return { restarted_at: new Date().toISOString() };
    });
  }

  delete(row: ServerRow, actor: Actor): Promise<Operation> {
    return this.#change(row, 'delete', actor, () => ({}));
  }

  /** Makes all tokens given out so far void, here at once and at the bridges as soon as they have heard of it. */
  revokeTokens(row: ServerRow, actor: Actor): Promise<Operation> {
    return this.#change(row, 'rotate', actor, () => ({
      tokens_not_before: Math.floor(Date.now() / 1000) + 1,
    }));
  }

  /** Has every bridge told the public keys that there are now. */
  async distributeKeys(): Promise<void> {
    for (const row of await this.#options.store.list()) {
      await this.#change(row, 'rotate', PLATFORM, () => ({})).catch(error => {
        // One that is being deleted needs no keys.
        if (
          !(error instanceof ConflictError || error instanceof NotFoundError)
        ) {
          throw error;
        }
      });
    }
  }

  #change(
    row: ServerRow,
    kind: OperationKind,
    actor: Actor,
    change: (now: ServerRow) => Partial<ServerRow>,
  ): Promise<Operation> {
    const { store, operations, acceptance, quota } = this.#options;
    return acceptance.accept(
      row.id,
      async trx => {
        const now = await acceptance.lock(trx, row);
        const changes = change(now);
        if (kind === 'scale' || kind === 'start') {
          await quota.admit(trx, { ...now, ...changes });
        }
        await store.update(trx, row.id, changes);
        return operations.accept(
          trx,
          operationFor({ ...now, ...changes }, kind, actor),
        );
      },
      { list: kind === 'delete' },
    );
  }
}
