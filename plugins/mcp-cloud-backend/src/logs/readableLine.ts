/** Levels by pino's numbers. */
const LEVELS: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const LEVEL_NAMES = new Set(Object.values(LEVELS));
/** Fields of a log line that say nothing to a reader. */
const NOISE = new Set([
  'level',
  'time',
  'msg',
  'pid',
  'hostname',
  'name',
  'v',
  'stream',
]);
const MAX_FIELD = 500;

/**
 * A line as people read it. The bridge logs JSON: what its server wrote to stderr comes out as it was written, and
 * what the bridge says itself as `bridge: message key=value`. Every other line passes as it is.
 */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) {
    return line;
  }
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  // A server may log JSON of its own; only lines with pino's marks are the bridge's.
  const level =
    typeof entry.level === 'number' ? LEVELS[entry.level] : entry.level;
  if (
    typeof entry.msg !== 'string' ||
    typeof level !== 'string' ||
    !LEVEL_NAMES.has(level)
  ) {
    return line;
  }
  if (entry.stream === 'child') {
    return entry.msg;
  }
  const fields = Object.entries(entry)
    .filter(
      ([key, value]) =>
        !NOISE.has(key) && value !== undefined && value !== null,
    )
    .map(([key, value]) => `${key}=${short(value)}`);
  return [
    'bridge:',
    ...(level === 'info' ? [] : [level]),
    entry.msg,
    ...fields,
  ].join(' ');
}

function short(value: unknown): string {
  const message =
    value && typeof value === 'object'
      ? (value as { message?: unknown }).message
      : undefined;
  const plain = typeof message === 'string' ? message : value;
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
  return text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD - 1)}…` : text;
}
