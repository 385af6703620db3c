import type { Knex } from 'knex';
import { BACKUP_VERSION } from './format';
import { BACKUP_TABLES, type BackupTable } from './tables';

/** Rows that are in memory at the same time. */
const PAGE = 100;

/** All that is ours, as lines of JSON: a header, a line for each row, and an end. */
export async function* backupLines(
  trx: Knex.Transaction,
): AsyncGenerator<string> {
  yield line({
    format: 'mcp-cloud-backup',
    version: BACKUP_VERSION,
    exportedAt: new Date().toISOString(),
  });
  let rows = 0;
  for (const table of BACKUP_TABLES) {
    for await (const row of rowsOf(trx, table)) {
      rows += 1;
      yield line({ table: table.name, row });
    }
  }
  yield line({ end: true, rows });
}

type Row = Record<string, string | number | null>;

async function* rowsOf(
  trx: Knex.Transaction,
  { name, key, row, big = [], only = {} }: BackupTable,
): AsyncGenerator<Row> {
  const list = (mark: string) => key.map(() => mark).join(', ');
  let last: Row | undefined;
  do {
    const page = trx(name)
      .where(only)
      .orderBy(key)
      .limit(PAGE)
      .select(Object.keys(row.shape));
    if (last) {
      const after = last;
      page.andWhereRaw(`(${list('??')}) > (${list('?')})`, [
        ...key,
        ...key.map(column => after[column]!),
      ]);
    }
    const rows: Row[] = await page;
    for (const found of rows) {
      const numbers = big.filter(column => found[column] !== null);
      yield {
        ...found,
        ...Object.fromEntries(
          numbers.map(column => [column, Number(found[column])]),
        ),
      };
    }
    last = rows.length === PAGE ? rows.at(-1) : undefined;
  } while (last);
}

function line(content: object): string {
  return `${JSON.stringify(content)}\n`;
}
