import { oneLine } from '../plainWords';

const MAX_STDERR_LINES = 20;

/** The innermost of errors that wrap each other. */
export function core(words: string): string {
  return words.split(/desc = |: rpc error: |ErrImagePull: /).pop() ?? words;
}

/** The last lines that a process wrote. */
export function tail(lines: string[]): string[] | undefined {
  return lines.length
    ? lines.slice(-MAX_STDERR_LINES).map(line => oneLine(line, 2_000))
    : undefined;
}
