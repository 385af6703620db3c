import { destination, Logger, LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

/** Written behind the loop's back; a reader that does not keep up loses lines, not memory. */
const MAX_BUFFERED = 1_000_000;

const SECRET = ['headers', 'authorization', 'token', 'credentials'].flatMap(
  name => [name, `*.${name}`],
);

/** How lines look. Bodies of messages are never logged. */
export const LOG_OPTIONS: LoggerOptions = {
  base: undefined,
  // Nobody logs these; should somebody ever do, they are not shown.
  redact: { paths: SECRET, censor: '[redacted]' },
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: label => ({ level: label }) },
};

/** JSON lines on stderr. */
export function createLogger(level: string): {
  logger: Logger;
  flush: () => void;
} {
  const out = destination({ dest: 2, sync: false, maxLength: MAX_BUFFERED });
  const logger = pino({ ...LOG_OPTIONS, level }, out);
  const flush = () => {
    try {
      out.flushSync();
    } catch {
      // nothing was open yet, or the reader is gone
    }
  };
  return { logger, flush };
}
