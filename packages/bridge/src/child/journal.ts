import type { Logger } from '../observability/logger';
import { ChildExit, describeExit } from './child';

const KEPT_EXITS = 5;
const KEPT_STDERR = 50;

/** What became of the server's processes, and what they said last, for `/status` and the log. */
export class Journal {
  readonly lastExits: ChildExit[] = [];
  readonly stderr: string[] = [];
  /** Ends of processes that nobody had asked for; each is followed by a new process. */
  deaths = 0;
  onDeath: () => void = () => {};

  constructor(private readonly logger: Logger) {}

  noteStderr(line: string, pid: number | null): void {
    this.stderr.push(line);
    if (this.stderr.length > KEPT_STDERR) this.stderr.shift();
    this.logger.info({ stream: 'child', pid }, line);
  }

  noteExit(exit: ChildExit): void {
    if (exit.expected) return;
    // The end of a container says nothing of the server's program.
    if (exit.lost === undefined) this.lastExits.push(exit);
    if (this.lastExits.length > KEPT_EXITS) this.lastExits.shift();
    this.deaths++;
    this.onDeath();
  }

  /** Why the server does not stay, in words, e.g. `The server's process exited with code 3 (no database)`. */
  get lastFailure(): string {
    const last = this.lastExits.at(-1);
    if (!last) return 'The server does not start';
    const line = last.stderr.at(-1);
    const why = `The server's process ${describeExit(last)}`;
    return line ? `${why} (${line})` : why;
  }
}
