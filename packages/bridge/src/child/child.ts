import { LineSplitter, OversizedLine } from './lines';
import type { Credentials, ProcessHost, ServerProcess } from './process';

/** How a child ended. */
export interface ChildExit {
  /** ISO time. */
  readonly at: string;
  readonly pid: number | null;
  readonly code: number | null;
  readonly signal: string | null;
  /** Its last lines on stderr. */
  readonly stderr: readonly string[];
  /** Why it could not even be started. */
  readonly spawnError?: string;
  /** Why nobody knows how it ended: its container is gone. */
  readonly lost?: string;
  /** The bridge wanted it to end. */
  readonly expected: boolean;
}

/** Who listens to a child. There is one at a time: the spare's keeper, then its session. */
export interface ChildListener {
  onLine(line: string): void;
  onOversizedLine(line: OversizedLine): void;
  /** Once, after everything it had printed has been handed over. */
  onExit(exit: ChildExit): void;
}

export type ChildState = 'spare' | 'probe' | 'session' | 'stopping' | 'exited';

export interface ChildOptions {
  readonly host: ProcessHost;
  readonly command: readonly string[];
  /** Variables of one user, whose values are taken out of what it prints on stderr. */
  readonly credentials?: Credentials;
  readonly maxLine: () => number;
  readonly stopGrace: () => number;
  readonly onStderr: (line: string, pid: number | null) => void;
}

const STDERR_LINES = 20;
/** Longer lines of stderr are cut, in bytes. */
export const STDERR_LINE_BYTES = 2048;
/** How long output that a dead child had printed may still take to arrive. */
const LAST_OUTPUT_MS = 200;

/** One process of the server, leader of its own process group, so that all it starts ends with it. */
export class Child {
  readonly startedAt = new Date();
  state: ChildState = 'spare';
  listener?: ChildListener;
  /** For its keeper's books, before the listener hears of it. */
  onEnd?: (exit: ChildExit) => void;
  exit?: ChildExit;
  /** Requests that wait for it, for `/status`. */
  pending = 0;

  private readonly process: ServerProcess;
  private end: Pick<ChildExit, 'code' | 'signal' | 'spawnError' | 'lost'> = {
    code: null,
    signal: null,
  };
  private readonly stderrLines: string[] = [];
  private readonly ended: Promise<void>;
  private resolveEnded: () => void = () => {};
  private holds = 0;
  private gathering = false;
  private stopping?: Promise<void>;
  private lastOutput?: NodeJS.Timeout;
  private leftBehind: Promise<void> = Promise.resolve();

  constructor(private readonly options: ChildOptions) {
    this.ended = new Promise(resolve => {
      this.resolveEnded = resolve;
    });
    this.process = options.host.start(options.command, options.credentials, {
      onExit: (code, signal) => {
        // What it has started must not outlive it.
        this.leftBehind = this.process.sweep(options.stopGrace());
        // A grandchild may keep the pipe open for ever, so the wait for last words is short.
        this.end = { code, signal };
        this.lastOutput = setTimeout(() => this.finish(), LAST_OUTPUT_MS);
      },
      onClose: () => this.finish(),
      onSpawnError: spawnError => {
        this.end = { code: null, signal: null, spawnError };
        this.finish();
      },
      onLost: lost => {
        this.end = { code: null, signal: null, lost };
        this.finish();
      },
    });
    const { stdin, stdout, stderr } = this.process;

    const lines = new LineSplitter(
      options.maxLine,
      line => this.listener?.onLine(line),
      line => this.listener?.onOversizedLine(line),
    );
    stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    stdout.on('end', () => lines.end());
    stdout.on('error', () => {});
    // A child that is gone makes writes fail; its exit is what counts.
    stdin.on('error', () => {});

    const noteStderr = (text: string) => this.noteStderr(text);
    const errorLines = new LineSplitter(
      () => STDERR_LINE_BYTES,
      noteStderr,
      line => noteStderr(`${line.head.slice(0, STDERR_LINE_BYTES)}…`),
    );
    stderr.on('data', (chunk: Buffer) => errorLines.push(chunk));
    stderr.on('end', () => errorLines.end());
    stderr.on('error', () => {});
  }

  get pid(): number | null {
    return this.process.pid;
  }

  /** Bytes that it has not taken yet. */
  get backlog(): number {
    return this.process.stdin.writableLength;
  }

  get lastStderr(): readonly string[] {
    return this.stderrLines;
  }

  /** Sends one message. @returns `false` when it is behind */
  send(line: string): boolean {
    const { stdin } = this.process;
    if (!stdin.writable) return true;
    // Writing costs more than all else: what comes in the same turn of the event loop goes out in one piece.
    if (!this.gathering) {
      this.gathering = true;
      stdin.cork();
      setImmediate(() => {
        this.gathering = false;
        stdin.uncork();
      });
    }
    return stdin.write(`${line}\n`);
  }

  onceDrained(then: () => void): void {
    const { stdin } = this.process;
    let called = false;
    const once = () => {
      if (called) return;
      called = true;
      stdin.off('drain', once);
      stdin.off('close', once);
      then();
    };
    if (!stdin.writableNeedDrain) {
      once();
      return;
    }
    stdin.once('drain', once);
    stdin.once('close', once);
  }

  /** Stops and goes on reading; calls are counted. */
  hold(): void {
    if (this.holds++ === 0) this.process.stdout.pause();
  }

  release(): void {
    if (this.holds > 0 && --this.holds === 0) this.process.stdout.resume();
  }

  /** End of stdin → wait → SIGTERM to the group → wait → SIGKILL to the group. Resolves when all of it is gone. */
  stop(): Promise<void> {
    this.stopping ??= this.runStop();
    return this.stopping;
  }

  /** SIGKILL to the whole group, at once. */
  kill(): void {
    if (!this.exit) this.process.signal('SIGKILL');
  }

  private async runStop(): Promise<void> {
    if (!this.exit) {
      this.state = 'stopping';
      this.process.stdin.end();
      // Nobody reads any more; a full pipe must not keep it from ending.
      this.holds = 0;
      this.process.stdout.resume();
      const grace = this.options.stopGrace();
      if (!(await this.endedWithin(grace))) {
        this.process.signal('SIGTERM');
        if (!(await this.endedWithin(grace))) this.process.signal('SIGKILL');
      }
    }
    await this.ended;
    await this.leftBehind;
  }

  private endedWithin(ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms);
      void this.ended.then(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  private noteStderr(text: string): void {
    let line = text.replace(/\r$/, '');
    if (line === '') return;
    for (const secret of Object.values(this.options.credentials ?? {}))
      line = line.replaceAll(secret, '[redacted]');
    this.stderrLines.push(line);
    if (this.stderrLines.length > STDERR_LINES) this.stderrLines.shift();
    this.options.onStderr(line, this.pid);
  }

  private finish(): void {
    if (this.exit) return;
    clearTimeout(this.lastOutput);
    const expected = this.stopping !== undefined;
    this.state = 'exited';
    this.exit = {
      at: new Date().toISOString(),
      pid: this.pid,
      ...this.end,
      stderr: [...this.stderrLines],
      expected,
    };
    this.process.stdout.destroy();
    this.process.stderr.destroy();
    this.onEnd?.(this.exit);
    this.listener?.onExit(this.exit);
    this.resolveEnded();
  }
}

/** How a child ended, in words, e.g. `exited with code 3`. */
export function describeExit(exit: ChildExit): string {
  if (exit.spawnError !== undefined)
    return `could not be started (${exit.spawnError})`;
  if (exit.lost !== undefined) return `is gone: ${exit.lost}`;
  if (exit.signal === 'SIGKILL')
    return 'was killed (SIGKILL; often the memory limit)';
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return `exited with code ${exit.code ?? 'unknown'}`;
}
