import { NotFoundError } from '@backstage/errors';
import { readSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { RevisionRow } from '../database/rows';
import type { Revision } from './Revision';

/** The table of revisions. Rows are added and pruned; of what is there only the label changes. */
export class RevisionStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async insert(
    trx: Knex.Transaction,
    serverId: string,
    revision: Revision,
  ): Promise<void> {
    await trx('revisions').insert({
      server_id: serverId,
      number: revision.number,
      spec: JSON.stringify(revision.spec),
      image: revision.image ? JSON.stringify(revision.image) : null,
      secret_version: revision.secretVersion ?? null,
      author: revision.author,
      message: revision.message ?? null,
      created_at: revision.createdAt,
      origin: revision.origin,
      restores: revision.restores ?? null,
    });
  }

  /** Throws `NotFoundError` for one that never was, or was pruned. */
  async get(
    serverId: string,
    number: number,
    knex: Knex = this.#knex,
  ): Promise<Revision> {
    const row = await knex<RevisionRow>('revisions')
      .where({ server_id: serverId, number })
      .first();
    if (!row) {
      throw new NotFoundError(`There is no revision ${number}.`);
    }
    return toRevision(row);
  }

  /** Newest first. */
  async list(serverId: string): Promise<Revision[]> {
    const rows = await this.#knex<RevisionRow>('revisions')
      .where({ server_id: serverId })
      .orderBy('number', 'desc')
      .select();
    return rows.map(toRevision);
  }

  /** Gives the label to this revision, and takes it from the one that had it. The server must be locked. */
  async setLabel(
    trx: Knex.Transaction,
    serverId: string,
    number: number,
    label: string | null,
  ): Promise<void> {
    if (label !== null) {
      await trx('revisions')
        .where({ server_id: serverId, label })
        .update({ label: null });
    }
    await trx('revisions')
      .where({ server_id: serverId, number })
      .update({ label });
  }

  /** Drops all but these and the labelled ones. The server must be locked. */
  async drop(
    trx: Knex.Transaction,
    serverId: string,
    except: number[],
  ): Promise<void> {
    await trx('revisions')
      .where({ server_id: serverId })
      .whereNull('label')
      .whereNotIn('number', except)
      .delete();
  }
}

function toRevision(row: RevisionRow): Revision {
  return {
    number: row.number,
    spec: readSpec(JSON.parse(row.spec)),
    image: row.image === null ? undefined : JSON.parse(row.image),
    secretVersion: row.secret_version ?? undefined,
    author: row.author,
    message: row.message ?? undefined,
    createdAt: row.created_at,
    origin: row.origin,
    restores: row.restores ?? undefined,
    label: row.label ?? undefined,
  };
}
