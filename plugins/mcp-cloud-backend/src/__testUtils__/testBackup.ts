import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Knex } from 'knex';
import { BackupExport } from '../backup/BackupExport';

const CHUNK = 64 * 1024 + 1;

/** The lines of a backup of this database; for tests. */
export async function exportLines(knex: Knex): Promise<string[]> {
  const sink = new PassThrough();
  const [content] = await Promise.all([
    text(sink),
    new BackupExport(knex).write(() => sink),
  ]);
  return content.trimEnd().split('\n');
}

/** A file with these lines, as it comes in: cut anywhere. */
export function fileOf(lines: string[]): AsyncIterable<Buffer> {
  const content = Buffer.from(lines.map(line => `${line}\n`).join(''));
  const chunks = Math.ceil(content.length / CHUNK);
  return Readable.from(
    Array.from({ length: chunks }, (_, index) =>
      content.subarray(index * CHUNK, (index + 1) * CHUNK),
    ),
  );
}
