import { z } from 'zod/v3';

/** Raised when files of before cannot be read as they are any more. */
export const BACKUP_VERSION = 1;

/** What counts of the first line of a backup, whatever its version. It also says when it was written. */
export const headerSchema = z.object({
  format: z.literal('mcp-cloud-backup'),
  version: z.number().int(),
});

/** Each line between the first and the last. */
export const rowSchema = z
  .object({ table: z.string(), row: z.record(z.unknown()) })
  .strict();

/** The last line: a file without it was cut off. `rows` counts the lines between. */
export const endSchema = z
  .object({ end: z.literal(true), rows: z.number().int() })
  .strict();
