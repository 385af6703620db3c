import { ConflictError } from '@backstage/errors';
import type { ClusterConnection } from '../clusters/types';
import type { RevisionStore } from '../servers/RevisionStore';
import type { SecretVersions } from '../servers/SecretVersions';
import type { ServerStore } from '../servers/ServerStore';
import type { LeasedOperation } from './LeasedOperation';
import type { LeaseStore } from './LeaseStore';
import { targetOf } from './targetOf';

/** The moment of a move: from here on the server is the one in the other cluster. */
export class ClusterSwitch {
  readonly #servers: ServerStore;
  readonly #revisions: RevisionStore;
  readonly #secretVersions: SecretVersions;
  readonly #leases: LeaseStore;

  constructor(options: {
    servers: ServerStore;
    revisions: RevisionStore;
    secretVersions: SecretVersions;
    leases: LeaseStore;
  }) {
    this.#servers = options.servers;
    this.#revisions = options.revisions;
    this.#secretVersions = options.secretVersions;
    this.#leases = options.leases;
  }

  /** False when the lease is lost or somebody wants the operation to end. May be called again when it is done. */
  async to(
    cluster: ClusterConnection,
    operation: LeasedOperation,
  ): Promise<boolean> {
    const { serverId: id, principal, target } = operation;
    return this.#leases.whileWanted(operation, async trx => {
      const before = (await this.#servers.lock(trx, id))!;
      if (before.cluster === cluster.name) {
        return;
      }
      const { spec, image } = await this.#revisions.get(
        id,
        before.revision,
        trx,
      );
      const { revision: number, secretVersion } = target;
      await this.#servers.addRevision(trx, id, {
        number,
        spec: { ...spec, cluster: cluster.name },
        image,
        secretVersion,
        author: principal,
        message: target.move?.message,
        createdAt: new Date().toISOString(),
        origin: 'move',
      });
      if (
        secretVersion !== undefined &&
        !(await this.#secretVersions.activate(trx, id, secretVersion))
      ) {
        throw new ConflictError('The values of the secrets are gone.');
      }
      const changes = {
        cluster: cluster.name,
        namespace: cluster.namespace,
        // Nothing goes back to a revision of the other cluster by itself.
        good_revision: before.good_revision === before.revision ? number : null,
      };
      await this.#servers.update(trx, id, changes);
      const after = {
        ...before,
        ...changes,
        revision: number,
        secret_version: secretVersion ?? null,
      };
      await this.#leases.retarget(trx, id, targetOf(after));
    });
  }
}
