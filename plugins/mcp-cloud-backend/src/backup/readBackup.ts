import { InputError } from '@backstage/errors';
import type { z } from 'zod/v3';
import { readLines } from '../clusters/readLines';
import { parse } from '../router/parse';
import { BACKUP_VERSION, endSchema, headerSchema, rowSchema } from './format';
import { BACKUP_TABLES } from './tables';

const MAX_LINE = 16 * 1024 * 1024;
const TABLES = new Map(BACKUP_TABLES.map(table => [table.name, table]));

/** A row of a backup, fit for the database. */
export interface BackupRow {
  /** Where it stands in the file. */
  line: number;
  table: string;
  row: Record<string, unknown>;
}

/** Reads a backup line by line. What is wrong is an `InputError` that names the line; so is a file without its end. */
export async function* readBackup(
  file: AsyncIterable<Buffer>,
): AsyncGenerator<BackupRow> {
  let line = 0;
  let ended = false;
  const lines = inWords(
    readLines(file, { maxLength: MAX_LINE, lastWithoutEnd: true }),
    () => line + 1,
  );
  for await (const content of lines) {
    line += 1;
    if (ended) {
      throw at(line, 'Something stands after the end.');
    }
    const value = jsonOf(line, content);
    if (line === 1) {
      readHeader(value);
    } else if (isEnd(value)) {
      const { rows } = read(line, endSchema, value);
      if (rows !== line - 2) {
        throw at(line, `${line - 2} of ${rows} rows are there.`);
      }
      ended = true;
    } else {
      const { table, row } = read(line, rowSchema, value);
      const known = TABLES.get(table);
      if (!known) {
        throw at(line, `There is no table "${table}" in a backup.`);
      }
      yield { line, table, row: read(line, known.row, row) };
    }
  }
  if (!ended) {
    throw new InputError(
      line
        ? `The file ends after line ${line} and lacks its last line: it was cut off. Use a whole one.`
        : 'The file is empty.',
    );
  }
}

function readHeader(value: unknown): void {
  const header = headerSchema.safeParse(value);
  if (!header.success) {
    throw at(1, 'This is not the first line of a backup of MCP Cloud.');
  }
  const { version } = header.data;
  if (version !== BACKUP_VERSION) {
    throw at(
      1,
      `This backup has version ${version}, and this release reads version ${BACKUP_VERSION}. Import it with the release that wrote it.`,
    );
  }
}

function isEnd(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'end' in value;
}

function jsonOf(line: number, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw at(line, 'This is not JSON. A backup is text, and not compressed.');
  }
}

function read<T extends z.ZodTypeAny>(
  line: number,
  schema: T,
  value: unknown,
): z.output<T> {
  try {
    return parse(schema, value);
  } catch (error) {
    throw at(line, (error as Error).message);
  }
}

/** A line that is too long is the sender's fault, a connection that ended is not. */
async function* inWords(
  lines: AsyncGenerator<string>,
  line: () => number,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw error instanceof RangeError ? at(line(), error.message) : error;
  }
}

function at(line: number, problem: string): InputError {
  return new InputError(`Line ${line}: ${problem}`);
}
