import { randomUUID } from 'node:crypto';
import type {
  OperationFailure,
  OperationState,
  StepState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { databaseTime } from '../database/databaseTime';
import { transaction } from '../database/transaction';
import type {
  InventoryRow,
  OperationRow,
  ServerRow,
  StepRow,
} from '../database/rows';
import type { KubeObject } from '../clusters/types';
import type { ObjectKey } from '../delivery/types';
import type { LeasedOperation } from './LeasedOperation';
import type { OperationListener } from './OperationListener';
import type { OperationTarget } from './OperationTarget';

const OPEN = ['queued', 'running'];

/** What a runner learns when it renews its lease; a failure is one that it is to end the operation with, now. */
export type Heartbeat = 'held' | 'lost' | OperationFailure;

/**
 * The runner's side of the tables. Whatever is written here is written only while the lease and its fence hold, in
 * one statement with the check.
 */
export class LeaseStore {
  readonly #knex: Knex;
  readonly #leaseMs: number;
  readonly #listener?: Pick<OperationListener, 'ended'>;

  constructor(
    knex: Knex,
    leaseMs: number,
    listener?: Pick<OperationListener, 'ended'>,
  ) {
    this.#knex = knex;
    this.#leaseMs = leaseMs;
    this.#listener = listener;
  }

  /**
   * Takes one operation that nobody holds and that no earlier one of its server stands before. The server's fence
   * grows in the same transaction, so an earlier holder is told from this one for good.
   */
  async claim(
    except: ReadonlySet<string> = new Set(),
  ): Promise<LeasedOperation | undefined> {
    const candidates: Array<Pick<OperationRow, 'id'>> =
      await this.#knex<OperationRow>({ o: 'operations' })
        .whereIn('o.state', OPEN)
        .whereNotIn('o.server_id', [...except])
        .andWhere(free =>
          free
            .whereNull('o.lease_until')
            .orWhere('o.lease_until', '<', databaseTime(this.#knex)),
        )
        .whereNotExists(
          this.#knex({ e: 'operations' })
            .whereRaw('e.server_id = o.server_id and e.seq < o.seq')
            .whereIn('e.state', OPEN)
            .select(this.#knex.raw('1')),
        )
        .orderBy('o.created_at')
        .limit(10)
        .select('o.id');
    for (const { id } of candidates) {
      const claimed = await this.#claim(id);
      if (claimed) {
        return claimed;
      }
    }
    return undefined;
  }

  async #claim(id: string): Promise<LeasedOperation | undefined> {
    const leaseOwner = randomUUID();
    const row = await transaction(this.#knex, async trx => {
      const { server_id: serverId } = (await trx<OperationRow>('operations')
        .where({ id })
        .first('server_id'))!;
      await trx('servers').where({ id: serverId }).increment('fence', 1);
      const { fence } = (await trx<ServerRow>('servers')
        .where({ id: serverId })
        .first('fence'))!;
      const now = new Date().toISOString();
      const changed = await trx('operations')
        .where({ id })
        .whereIn('state', OPEN)
        .andWhere(free =>
          free
            .whereNull('lease_until')
            .orWhere('lease_until', '<', databaseTime(trx)),
        )
        .update({
          state: 'running',
          fence,
          lease_owner: leaseOwner,
          lease_until: databaseTime(trx, this.#leaseMs),
          started_at: trx.raw('coalesce(started_at, ?)', [now]),
        });
      return changed
        ? trx<OperationRow>('operations').where({ id }).first()
        : undefined;
    });
    if (!row) {
      return undefined;
    }
    const steps = await this.#knex<StepRow>('operation_events')
      .where({ operation_id: id })
      .orderBy('position')
      .select();
    return {
      id,
      serverId: row.server_id,
      serverName: row.server_name,
      kind: row.kind,
      principal: row.principal,
      target: JSON.parse(row.target),
      fence: row.fence!,
      appliedFence: row.applied_fence ?? undefined,
      steps: steps.map(step => step.name),
      done: new Set(
        steps.filter(step => step.state === 'succeeded').map(step => step.name),
      ),
      elapsedMs: Date.now() - Date.parse(row.started_at!),
      leaseOwner,
    };
  }

  /** Makes the lease last longer, when it has not run out. */
  async renew(operation: LeasedOperation): Promise<Heartbeat> {
    const changed = await this.#held(operation).update({
      lease_until: databaseTime(this.#knex, this.#leaseMs),
    });
    if (!changed) {
      return 'lost';
    }
    const row = await this.#knex<OperationRow>('operations')
      .where({ id: operation.id })
      .first('interruption');
    return row?.interruption ? JSON.parse(row.interruption) : 'held';
  }

  async isHeld(operation: LeasedOperation): Promise<boolean> {
    return (await this.#held(operation).first('id')) !== undefined;
  }

  /** Gives an unfinished operation back, so that another replica goes on at once. */
  async release(operation: LeasedOperation): Promise<void> {
    await this.#held(operation).update({
      lease_until: null,
      lease_owner: null,
    });
  }

  /**
   * Gives an operation back whose server's objects carry a higher stamp than any runner of this database has had: the
   * database was restored from a time before. Whoever takes it next does so above that stamp. False when the lease is
   * lost, so that the stamp is a newer runner's.
   */
  async releaseAbove(
    operation: LeasedOperation,
    stamp: number,
  ): Promise<boolean> {
    return transaction(this.#knex, async trx => {
      await trx('servers')
        .where({ id: operation.serverId })
        .forUpdate()
        .first();
      const changed = await this.#held(operation, trx).update({
        lease_until: null,
        lease_owner: null,
      });
      if (changed) {
        await trx('servers')
          .where({ id: operation.serverId })
          .andWhere('fence', '<', stamp)
          .update({ fence: stamp });
      }
      return changed === 1;
    });
  }

  /** Records how a step stands. False when the lease is lost. */
  async setStep(
    operation: LeasedOperation,
    name: string,
    state: StepState,
    message: string | undefined,
  ): Promise<boolean> {
    const now = new Date().toISOString();
    const finished = state === 'succeeded' || state === 'failed';
    const changed = await this.#knex('operation_events')
      .where({ operation_id: operation.id, name })
      .whereExists(this.#held(operation).select(this.#knex.raw('1')))
      .update({
        state,
        message: message ?? null,
        started_at: this.#knex.raw('coalesce(started_at, ?)', [now]),
        finished_at: finished ? now : null,
      });
    return changed === 1;
  }

  /** Records under which fence the objects were written. */
  async setApplied(operation: LeasedOperation): Promise<void> {
    await this.#held(operation).update({ applied_fence: operation.fence });
  }

  /**
   * Ends the operation; `also` runs in the same transaction, with the server's row locked. False when the lease is
   * lost.
   */
  async finish(
    operation: LeasedOperation,
    outcome: { state: OperationState; error?: OperationFailure },
    also?: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    const held = await transaction(this.#knex, async trx => {
      // The server before the operation, as whoever accepts an operation locks them.
      await trx('servers')
        .where({ id: operation.serverId })
        .forUpdate()
        .first();
      const changed = await this.#held(operation, trx).update({
        state: outcome.state,
        error: outcome.error ? JSON.stringify(outcome.error) : null,
        finished_at: new Date().toISOString(),
        lease_until: null,
        lease_owner: null,
      });
      if (changed) {
        await also?.(trx);
      }
      return changed === 1;
    });
    if (held) {
      this.#listener?.ended(operation.id);
    }
    return held;
  }

  /**
   * Does something in one transaction with the server's row locked, unless the lease is lost or somebody wants the
   * operation to end: then false.
   */
  async whileWanted(
    operation: LeasedOperation,
    work: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return transaction(this.#knex, async trx => {
      // The server before the operation, as whoever interrupts an operation locks them.
      await trx('servers')
        .where({ id: operation.serverId })
        .forUpdate()
        .first();
      const wanted = await this.#held(operation, trx)
        .whereNull('interruption')
        .update({ fence: operation.fence });
      if (wanted) {
        await work(trx);
      }
      return wanted === 1;
    });
  }

  /** Has those that wait to give bridges their keys do so to the server as it has become. */
  async retarget(
    trx: Knex.Transaction,
    serverId: string,
    target: OperationTarget,
  ): Promise<void> {
    await trx('operations')
      .where({ server_id: serverId, state: 'queued', kind: 'rotate' })
      .update({ target: JSON.stringify(target) });
  }

  /** Names of the clusters in which there may be objects of a server. */
  async clustersOf(serverId: string): Promise<string[]> {
    return this.#knex('inventory')
      .where({ server_id: serverId })
      .distinct()
      .orderBy('cluster')
      .pluck<string[]>('cluster');
  }

  /** Ids of living servers that may have objects in one of these clusters without being there. */
  async strayed(clusters: string[]): Promise<string[]> {
    return this.#knex({ i: 'inventory' })
      .join('servers', 'servers.id', 'i.server_id')
      .whereNull('servers.deleted_at')
      .whereIn('i.cluster', clusters)
      .whereRaw('i.cluster <> servers.cluster')
      .distinct()
      .pluck<string[]>('servers.id');
  }

  async inventory(serverId: string, cluster: string): Promise<ObjectKey[]> {
    const rows = await this.#knex<InventoryRow>('inventory')
      .where({ server_id: serverId, cluster })
      .select();
    return rows.map(({ api_version: apiVersion, kind, namespace, name }) => ({
      apiVersion,
      kind,
      namespace,
      name,
    }));
  }

  /** Replaces the inventory of a cluster: all that may be there, and how it is to be. False when the lease is lost. */
  async setInventory(
    operation: LeasedOperation,
    cluster: string,
    keys: ObjectKey[],
    objects: KubeObject[],
  ): Promise<boolean> {
    const manifestOf = (key: ObjectKey) =>
      objects.find(
        ({ apiVersion, kind, metadata }) =>
          apiVersion === key.apiVersion &&
          kind === key.kind &&
          metadata.name === key.name,
      );
    return transaction(this.#knex, async trx => {
      // Touching the row locks it: nobody can take the lease over before this transaction ends.
      const held = await this.#held(operation, trx).update({
        fence: operation.fence,
      });
      if (!held) {
        return false;
      }
      await trx('inventory')
        .where({ server_id: operation.serverId, cluster })
        .delete();
      if (keys.length) {
        await trx('inventory').insert(
          keys.map(key => {
            const manifest = manifestOf(key);
            return {
              server_id: operation.serverId,
              cluster,
              api_version: key.apiVersion,
              kind: key.kind,
              namespace: key.namespace,
              name: key.name,
              manifest: manifest ? JSON.stringify(manifest) : null,
            };
          }),
        );
      }
      return true;
    });
  }

  #held(operation: LeasedOperation, knex: Knex = this.#knex) {
    return knex<OperationRow>('operations')
      .where({
        id: operation.id,
        state: 'running',
        fence: operation.fence,
        lease_owner: operation.leaseOwner,
      })
      .andWhere('lease_until', '>', databaseTime(knex));
  }
}
