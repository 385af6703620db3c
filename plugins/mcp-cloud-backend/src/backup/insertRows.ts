import { ConflictError, InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { isMissingReference } from '../database/isMissingReference';
import { isUniqueViolation } from '../database/isUniqueViolation';
import type { BackupRow } from './readBackup';

/** SQLite takes 500 at most in one statement. */
const BATCH_ROWS = 100;
const BATCH_CHARACTERS = 1024 * 1024;

/** Inserts rows in their order, some at a time. */
export async function insertRows(
  trx: Knex.Transaction,
  rows: AsyncIterable<BackupRow>,
): Promise<void> {
  let batch: BackupRow[] = [];
  let size = 0;
  const flush = async () => {
    await insert(trx, batch);
    batch = [];
    size = 0;
  };
  for await (const next of rows) {
    const isFull = batch.length >= BATCH_ROWS || size >= BATCH_CHARACTERS;
    if (isFull || (batch.length && batch[0].table !== next.table)) {
      await flush();
    }
    batch.push(next);
    for (const value of Object.values(next.row)) {
      size += typeof value === 'string' ? value.length : 0;
    }
  }
  await flush();
}

async function insert(
  trx: Knex.Transaction,
  batch: BackupRow[],
): Promise<void> {
  if (!batch.length) {
    return;
  }
  const [{ table, line }] = batch;
  try {
    await trx(table).insert(batch.map(({ row }) => row));
  } catch (error) {
    const where = `Lines ${line} to ${batch.at(-1)!.line} (${table})`;
    if (isUniqueViolation(error)) {
      throw new ConflictError(
        `${where}: One of these is in the database already, or twice in the file. Use an empty database.`,
      );
    }
    if (isMissingReference(error)) {
      throw new InputError(
        `${where}: One of these refers to a row that does not stand before it.`,
      );
    }
    throw error;
  }
}
