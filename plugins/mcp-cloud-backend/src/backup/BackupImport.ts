import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConflictError, InputError } from '@backstage/errors';
import type { BackupImported } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { readLines } from '../clusters/readLines';
import type { Clusters } from '../clusters/types';
import type { ServerRow, SigningKeyRow } from '../database/rows';
import { transaction } from '../database/transaction';
import { opens } from '../keys/opens';
import { insertRows } from './insertRows';
import { readBackup, type BackupRow } from './readBackup';
import { scratchFile } from './scratchFile';

/** How many servers a refusal names. */
const MAX_NAMES = 20;

/** What was read from a file, before anything of it is in the database. */
interface Checked {
  serverIds: string[];
  rows: number;
  keys: boolean;
}

/** Puts a backup into a database without servers: all of it, or nothing. Nothing in a cluster is touched. */
export class BackupImport {
  readonly #knex: Knex;
  readonly #clusters: Clusters;
  readonly #keySecret: string;

  constructor(options: { knex: Knex; clusters: Clusters; keySecret: string }) {
    this.#knex = options.knex;
    this.#clusters = options.clusters;
    this.#keySecret = options.keySecret;
  }

  /**
   * Every line is checked before the transaction begins, which must not last as long as a slow upload.
   * `ownKeys`: the signing keys of the backup are left out.
   */
  async read(
    file: AsyncIterable<Buffer>,
    { ownKeys }: { ownKeys: boolean },
  ): Promise<BackupImported & { serverIds: string[] }> {
    await this.#assertEmpty(this.#knex);
    return scratchFile(async path => {
      const checked: Checked = { serverIds: [], rows: 0, keys: false };
      await pipeline(
        Readable.from(this.#check(file, ownKeys, checked)),
        createWriteStream(path),
      );
      await transaction(this.#knex, async trx => {
        await this.#assertEmpty(trx);
        if (checked.keys) {
          // Those that this database made for itself when the backend first started.
          await trx('signing_keys').delete();
        }
        await insertRows(trx, rowsOf(path));
      });
      const { serverIds, rows, keys } = checked;
      return {
        servers: serverIds.length,
        rows,
        signingKeys: keys ? 'restored' : 'own',
        serverIds,
      };
    });
  }

  async *#check(
    file: AsyncIterable<Buffer>,
    ownKeys: boolean,
    checked: Checked,
  ): AsyncGenerator<string> {
    for await (const found of readBackup(file)) {
      if (found.table === 'signing_keys') {
        if (ownKeys) {
          continue;
        }
        this.#assertOpens(found);
        checked.keys = true;
      } else if (found.table === 'servers' && found.row.live_name !== null) {
        this.#assertCluster(found);
        checked.serverIds.push(found.row.id as string);
      }
      checked.rows += 1;
      yield `${JSON.stringify(found)}\n`;
    }
  }

  #assertOpens({ line, row }: BackupRow): void {
    if (!opens(row as unknown as SigningKeyRow, this.#keySecret)) {
      throw new InputError(
        `Line ${line}: The signing keys were sealed with another secret than mcpCloud.keys.secret. Configure the ` +
          'former one, or import with signingKeys=own: every token that was given out is void then.',
      );
    }
  }

  #assertCluster({ line, row }: BackupRow): void {
    const known = this.#clusters
      .list()
      .find(cluster => cluster.name === row.cluster);
    if (!known?.namespaces.has(row.namespace as string)) {
      throw new InputError(
        `Line ${line}: The server "${row.name}" runs in the namespace ${row.namespace} of the cluster ${row.cluster}, ` +
          'which this portal does not have. Configure it in mcpCloud.clusters first.',
      );
    }
  }

  async #assertEmpty(knex: Knex): Promise<void> {
    const names = await knex<ServerRow>('servers')
      .whereNotNull('live_name')
      .orderBy('name')
      .pluck('name');
    if (names.length) {
      const more = names.length - MAX_NAMES;
      throw new ConflictError(
        `A backup goes into a portal without servers, and this one has ${names
          .slice(0, MAX_NAMES)
          .join(', ')}${
          more > 0 ? ` and ${more} more` : ''
        }. Use an empty database.`,
      );
    }
  }
}

async function* rowsOf(path: string): AsyncGenerator<BackupRow> {
  const file: AsyncIterable<Buffer> = createReadStream(path);
  for await (const line of readLines(file, { maxLength: Infinity })) {
    yield JSON.parse(line) as BackupRow;
  }
}
