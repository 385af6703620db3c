import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  applicationOf,
  type Capabilities,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { isUniqueViolation } from '../database/isUniqueViolation';
import type { ServerRow } from '../database/rows';
import { transaction } from '../database/transaction';
import { ConflictError } from '@backstage/errors';
import type { Silence } from '../status/types';
import type { Revision } from './Revision';
import { RevisionStore } from './RevisionStore';
import { whereCriteria, type ServerFilter } from './ServerFilter';

/** Which servers a list holds; what is left out filters nothing. */
export interface ServerQuery {
  owners?: string[];
  cluster?: string;
  application?: string;
  /** Found in name, application, image or owner. */
  text?: string;
  /** What the caller may see. */
  criteria?: PermissionCriteria<ServerFilter>;
}

/** Servers and what they said of themselves. */
export class ServerStore {
  readonly #knex: Knex;
  readonly #revisions: RevisionStore;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#revisions = new RevisionStore(knex);
  }

  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return transaction(this.#knex, work);
  }

  /** The living server of this name. */
  findByName(name: string): Promise<ServerRow | undefined> {
    return this.#knex<ServerRow>('servers').where({ live_name: name }).first();
  }

  /** A server by its id, deleted ones included. */
  findById(id: string): Promise<ServerRow | undefined> {
    return this.#knex<ServerRow>('servers').where({ id }).first();
  }

  /** Living servers by id; for the permission framework. */
  findMany(ids: string[]): Promise<ServerRow[]> {
    return this.#knex<ServerRow>('servers')
      .whereIn('id', ids)
      .whereNull('deleted_at')
      .select();
  }

  list(query: ServerQuery = {}): Promise<ServerRow[]> {
    const found = this.#knex<ServerRow>('servers').whereNull('deleted_at');
    if (query.owners?.length) {
      found.whereIn('owner', query.owners);
    }
    if (query.cluster) {
      found.where({ cluster: query.cluster });
    }
    if (query.application) {
      found.where({ application: query.application });
    }
    if (query.text) {
      const pattern = `%${query.text
        .toLowerCase()
        .replace(/[\\%_]/g, '\\$&')}%`;
      found.andWhere(any => {
        for (const column of ['name', 'application', 'image', 'owner']) {
          any.orWhereRaw("lower(??) like ? escape '\\'", [column, pattern]);
        }
      });
    }
    if (query.criteria) {
      const criteria = query.criteria;
      found.andWhere(nested => whereCriteria(nested, criteria));
    }
    return found.orderBy('name').select();
  }

  /** Adds a server with its first revision. */
  async insert(
    trx: Knex.Transaction,
    row: ServerRow,
    revision: Revision,
  ): Promise<void> {
    try {
      await trx('servers').insert(row);
    } catch (error) {
      throw inWords(error, row);
    }
    await this.#revisions.insert(trx, row.id, revision);
  }

  /**
   * The server, locked until the transaction ends, its version already raised. Every change starts with this, so
   * changes of one server come one after the other.
   */
  async lock(
    trx: Knex.Transaction,
    id: string,
  ): Promise<ServerRow | undefined> {
    await trx('servers')
      .where({ id })
      .whereNull('deleted_at')
      .increment('version', 1);
    return trx<ServerRow>('servers')
      .where({ id })
      .whereNull('deleted_at')
      .first();
  }

  async update(
    trx: Knex.Transaction,
    id: string,
    changes: Partial<ServerRow>,
  ): Promise<void> {
    try {
      await trx('servers')
        .where({ id })
        .update({ ...changes, updated_at: new Date().toISOString() });
    } catch (error) {
      throw inWords(error, changes);
    }
  }

  /** Whether another server has this address. */
  async isAddressTaken(
    trx: Knex.Transaction,
    id: string,
    address: string | null,
  ): Promise<boolean> {
    return (
      address !== null &&
      (await trx('servers')
        .where({ public_address: address })
        .whereNot({ id })
        .first()) !== undefined
    );
  }

  /** Remembers that pods answer nothing, or that all do again; no change of the server itself. */
  async setSilence(id: string, silence: Silence | null): Promise<void> {
    await this.#knex('servers')
      .where({ id })
      .update({ silence: silence && JSON.stringify(silence) });
  }

  /** Remembers which revision was seen to run last: all its pods, just now. */
  async setGoodRevision(
    trx: Knex.Transaction,
    id: string,
    number: number,
  ): Promise<void> {
    await trx('servers')
      .where({ id })
      .update({ good_revision: number, silence: null });
  }

  /** Adds the next revision and makes it the newest. */
  async addRevision(
    trx: Knex.Transaction,
    id: string,
    revision: Revision,
  ): Promise<void> {
    await this.#revisions.insert(trx, id, revision);
    await this.update(trx, id, {
      ...columnsOf(revision.spec),
      revision: revision.number,
      secret_version: revision.secretVersion ?? null,
    });
  }

  async capabilities(id: string): Promise<Capabilities | undefined> {
    const row = await this.#knex('capabilities')
      .where({ server_id: id })
      .first();
    return row && JSON.parse(row.data);
  }

  async putCapabilities(id: string, capabilities: Capabilities): Promise<void> {
    await this.#knex('capabilities')
      .insert({
        server_id: id,
        revision: capabilities.revision,
        data: JSON.stringify(capabilities),
        listed_at: capabilities.listedAt,
      })
      .onConflict('server_id')
      .merge();
  }
}

/** The columns of `servers` that repeat a Spec, for lists and filters. */
export function columnsOf(spec: ServerSpec) {
  return {
    application: applicationOf(spec),
    environment: spec.environment,
    owner: spec.owner,
    system: spec.system ?? null,
    image: spec.image,
    catalog_ref: spec.catalogRef ?? null,
    handshake: spec.handshake,
    public_address: spec.exposure
      ? `${spec.exposure.host}${spec.exposure.path}`
      : null,
    scaling: spec.scaling
      ? JSON.stringify({ min: spec.scaling.min, max: spec.scaling.max })
      : null,
  };
}

/** What the database refused because another server has it. */
function inWords(error: unknown, row: Partial<ServerRow>): unknown {
  if (!isUniqueViolation(error)) {
    return error;
  }
  return /servers[._]public_address\w*"?$/.test((error as Error).message)
    ? new ConflictError(
        `Another server is reached at ${row.public_address} already. Choose another host or path.`,
      )
    : nameTaken(String(row.name));
}

/** Two living servers never share a name. */
export function nameTaken(name: string): ConflictError {
  return new ConflictError(
    `There is a server called "${name}" already, or one that is still being deleted. Choose another name.`,
  );
}
