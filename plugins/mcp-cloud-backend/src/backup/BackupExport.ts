import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Knex } from 'knex';
import { backupLines } from './backupLines';
import { scratchFile } from './scratchFile';

/** Writes down all that is ours, as of one moment. */
export class BackupExport {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * `open` gets the number of bytes and gives what to write to. A file stands between: a transaction must not last as
   * long as a slow download, and what fails must fail before anything was sent.
   */
  async write(open: (size: number) => Writable): Promise<void> {
    await scratchFile(async path => {
      await this.#snapshot(trx =>
        pipeline(Readable.from(backupLines(trx)), createWriteStream(path)),
      );
      const { size } = await stat(path);
      await pipeline(createReadStream(path), open(size));
    });
  }

  #snapshot(work: (trx: Knex.Transaction) => Promise<void>): Promise<void> {
    const isPostgres = this.#knex.client.config.client === 'pg';
    return this.#knex.transaction(
      work,
      // SQLite has no other transactions.
      isPostgres ? { isolationLevel: 'repeatable read', readOnly: true } : {},
    );
  }
}
