import { ConflictError } from '@backstage/errors';
import type { Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterOf } from '../clusters/clusterOf';
import type { Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import { PLATFORM, type Actor } from '../operations/Actor';
import type { LeaseStore } from '../operations/LeaseStore';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { Acceptance } from './Acceptance';
import { refuseSameCluster } from './changeRules';
import { checkIfReached } from './clusterChecks';
import type { PlatformRules } from './platformRules';
import type { RevisionStore } from './RevisionStore';
import { ServerSecrets } from './ServerSecrets';
import type { ServerStore } from './ServerStore';

/** What a move is asked for. */
export interface MoveRequest {
  cluster: string;
  secretValues?: Record<string, string>;
  message?: string;
}

/** What moving servers takes. */
export interface ServerMovesOptions {
  store: ServerStore;
  operations: OperationStore;
  revisions: RevisionStore;
  leases: LeaseStore;
  secrets: ServerSecrets;
  clusters: Clusters;
  acceptance: Acceptance;
  rules: PlatformRules;
}

/**
 * Has servers taken to other clusters. Until the operation switches over, the server is the one where it was, and
 * nothing of it is changed; so a move that fails leaves nothing to turn back, just objects to remove.
 */
export class ServerMoves {
  readonly #options: ServerMovesOptions;

  constructor(options: ServerMovesOptions) {
    this.#options = options;
  }

  /** Where a server comes in another cluster. */
  place(
    { owner }: Pick<ServerRow, 'owner'>,
    cluster: string,
  ): { cluster: string; namespace: string } {
    const { namespaces } = this.#options.clusters.get(cluster);
    return { cluster, namespace: namespaces.of(owner) };
  }

  async move(
    row: ServerRow,
    { cluster: name, secretValues = {}, message }: MoveRequest,
    actor: Actor,
  ): Promise<Operation> {
    const { revisions, operations, secrets, clusters, acceptance, rules } =
      this.#options;
    const place = this.place(row, name);
    refuseSameCluster(row, name);
    const { spec } = await revisions.get(row.id, row.revision);
    ServerSecrets.check(spec, secretValues);
    await checkIfReached(clusterOf(clusters, place), spec, rules);
    const server = { id: row.id, name: row.name, ...place };
    const secretVersion = spec.secrets.length
      ? await secrets.put(server, secretValues)
      : undefined;
    return secrets.takeBackOnFailure(server, secretVersion, () =>
      acceptance.accept(row.id, async trx => {
        const before = await acceptance.lock(trx, row);
        if (
          before.revision !== row.revision ||
          before.cluster !== row.cluster
        ) {
          throw new ConflictError(
            'The server was changed meanwhile. Look at it, then try again.',
          );
        }
        const after: ServerRow = {
          ...before,
          revision: before.revision + 1,
          secret_version: secretVersion ?? null,
        };
        const { target, ...operation } = operationFor(after, 'move', actor);
        return operations.accept(trx, {
          ...operation,
          target: { ...target, move: { ...place, message } },
        });
      }),
    );
  }

  /**
   * Has removed what moves left in other clusters, of one server or of all: because they failed, or because that
   * cluster was away.
   */
  async clear(serverId?: string): Promise<void> {
    const { store, leases, clusters } = this.#options;
    const reached = clusters
      .list()
      .filter(cluster => cluster.health().state === 'ok')
      .map(cluster => cluster.name);
    const strayed = await leases.strayed(reached);
    for (const id of strayed.filter(one => one === (serverId ?? one))) {
      const row = await store.findById(id);
      if (row && row.deleted_at === null) {
        await this.#clear(row);
      }
    }
  }

  async #clear(row: ServerRow): Promise<void> {
    const { operations, acceptance } = this.#options;
    try {
      await acceptance.accept(row.id, async trx => {
        const now = await acceptance.lock(trx, row);
        if ((await operations.open(trx, row.id)).length) {
          throw new ConflictError('An operation is under way already.');
        }
        return operations.accept(trx, {
          ...operationFor(now, 'move', PLATFORM),
          steps: ['remove'],
        });
      });
    } catch (error) {
      // What is under way may be a move or a deletion, and the next time comes soon.
      if ((error as Error).name !== 'ConflictError') {
        throw error;
      }
    }
  }
}
