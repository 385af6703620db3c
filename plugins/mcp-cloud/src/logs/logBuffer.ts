import type { LogLine } from '@mcp-cloud/plugin-mcp-cloud-common';

/** Lines that the page keeps; older ones go. */
export const MAX_LINES = 5_000;

/** A line with a number that stays with it while others before it are dropped. */
export type NumberedLine = LogLine & { number: number };

export interface LogBuffer {
  lines: NumberedLine[];
  /** The number of the next line. */
  next: number;
  hasDropped: boolean;
}

export const EMPTY_BUFFER: LogBuffer = {
  lines: [],
  next: 0,
  hasDropped: false,
};

/** The buffer with more lines at its end, cut to its bound. */
export function append(buffer: LogBuffer, lines: LogLine[]): LogBuffer {
  const numbered = lines.map((line, index) => ({
    ...line,
    number: buffer.next + index,
  }));
  const all = [...buffer.lines, ...numbered];
  return {
    lines: all.slice(-MAX_LINES),
    next: buffer.next + lines.length,
    hasDropped: buffer.hasDropped || all.length > MAX_LINES,
  };
}

/**
 * Passes over lines that were seen before a connection was lost: a new one begins some seconds back, as whole
 * seconds are all that can be asked for.
 */
export class SeenLines {
  readonly #latest = new Map<string, string>();
  #newest?: string;

  isNew({ pod, at }: LogLine): boolean {
    if (!at) {
      return true;
    }
    const latest = this.#latest.get(pod);
    return latest === undefined || at > latest;
  }

  add({ pod, at }: LogLine) {
    if (at) {
      this.#latest.set(pod, at);
      this.#newest = !this.#newest || at > this.#newest ? at : this.#newest;
    }
  }

  /** How many seconds back a new connection must begin to miss nothing; undefined when nothing was seen. */
  secondsSince(now: number): number | undefined {
    return this.#newest === undefined
      ? undefined
      : Math.max(1, Math.ceil((now - Date.parse(this.#newest)) / 1000) + 1);
  }
}
