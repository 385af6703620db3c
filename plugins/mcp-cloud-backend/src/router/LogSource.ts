import type { LogLine, LogsQuery } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { OpenedServer } from '../servers/AuthorizedServerService';

/** Where logs come from. */
export interface LogSource {
  /** The last lines, at once. */
  tail(
    server: OpenedServer,
    query: LogsQuery,
    signal: AbortSignal,
  ): Promise<LogLine[]>;
  /** The last lines and then each new one, until the signal aborts. */
  follow(
    server: OpenedServer,
    query: LogsQuery,
    signal: AbortSignal,
  ): AsyncIterable<LogLine>;
}
