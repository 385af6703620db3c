const CODES = ['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY'];

/** Whether the database refused a row because one that it refers to is not there. */
export function isMissingReference(error: unknown): boolean {
  return CODES.includes(
    String((error as { code?: unknown } | undefined)?.code),
  );
}
