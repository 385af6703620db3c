import { Backoff } from '../backoff';
import { Child, type ChildExit, describeExit } from '../child';
import type { Journal } from '../journal';
import type { ProcessHost } from '../process';

export interface ProgramOptions {
  readonly command: readonly string[];
  /** Where it runs. */
  readonly host: ProcessHost;
  readonly stopGrace: () => number;
  readonly journal: Journal;
}

/** A program that ran for so long has worked, in milliseconds. */
const STEADY_MS = 10_000;
/** Longer lines of its stdout are cut, in bytes. */
const LINE_BYTES = 2048;

/** The command that serves an upstream's URL: one process, started again when it ends. */
export class Program {
  /** Hears of an end that nobody wanted, in words. */
  onExit: (reason: string) => void = () => {};
  private readonly backoff = new Backoff();
  private child?: Child;
  private retry?: NodeJS.Timeout;
  private stopped = false;

  constructor(private readonly options: ProgramOptions) {
    options.host.onChange = () => this.start();
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  /** Why nothing can be started where it runs, in words. */
  get problem(): string | undefined {
    return this.options.host.problem;
  }

  /** Starts it, unless it runs, or cannot run now. */
  start(): void {
    const { host, command, stopGrace, journal } = this.options;
    if (this.stopped || this.child || host.problem !== undefined) return;
    const startedAt = Date.now();
    const note = (line: string) =>
      journal.noteStderr(line, this.child?.pid ?? null);
    const child = new Child({
      host,
      command,
      maxLine: () => LINE_BYTES,
      stopGrace,
      onStderr: note,
    });
    child.state = 'session';
    child.listener = {
      onLine: note, // it speaks HTTP, so what it prints is a log
      onOversizedLine: ({ head }) => note(`${head.slice(0, LINE_BYTES)}…`),
      onExit: exit => this.ended(exit, startedAt),
    };
    this.child = child;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    // An agent may be past answering; what it has started ends with the connection.
    const longest = 3 * this.options.stopGrace();
    await Promise.race([
      this.child?.stop(),
      new Promise(resolve => setTimeout(resolve, longest).unref()),
    ]);
    await this.options.host.close();
  }

  kill(): void {
    this.child?.kill();
  }

  private ended(exit: ChildExit, startedAt: number): void {
    this.child = undefined;
    this.options.journal.noteExit(exit);
    if (this.stopped) return;
    if (Date.now() - startedAt > STEADY_MS) this.backoff.succeeded();
    const line = exit.stderr.at(-1);
    const how = `its process ${describeExit(exit)}`;
    this.onExit(line ? `${how} (${line})` : how);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), this.backoff.failed()).unref();
  }
}
