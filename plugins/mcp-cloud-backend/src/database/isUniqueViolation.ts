const CODES = [
  '23505',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
];

/** Whether the database refused a row because another one has its key. */
export function isUniqueViolation(error: unknown): boolean {
  return CODES.includes(
    String((error as { code?: unknown } | undefined)?.code),
  );
}
