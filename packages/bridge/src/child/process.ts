import type { Readable, Writable } from 'node:stream';

/** Who is told what becomes of a process. */
export interface ProcessListener {
  /** It has ended; what it had printed may still be on its way. */
  onExit(code: number | null, signal: NodeJS.Signals | null): void;
  /** After its end: everything that it had printed was handed over. */
  onClose(): void;
  /** It could not be started; nothing follows. */
  onSpawnError(reason: string): void;
  /** It went away together with the container that it ran in; nothing follows. */
  onLost(reason: string): void;
}

/** A process of the server that leads a group of its own, so that all it starts can be reached with it. */
export interface ServerProcess {
  /** As its host counts; `null` while it is not known, or when it never ran. */
  readonly pid: number | null;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** To the whole group; nothing happens when nobody is left in it. */
  signal(signal: NodeJS.Signals): void;
  /** Ends what it has left behind in its group: SIGTERM, then SIGKILL after `graceMs`. */
  sweep(graceMs: number): Promise<void>;
}

/** Environment variables with one user's secrets. */
export type Credentials = Readonly<Record<string, string>>;

/** Where the server's processes run. */
export interface ProcessHost {
  /** Whether processes are seen in this machine's `/proc` under their pid. */
  readonly isLocal: boolean;
  /** Why nothing can be started now, in words for people. */
  readonly problem?: string;
  /** Hears of each time that `problem` comes or goes. */
  onChange: () => void;
  /** @param credentials for this process alone, besides the variables that all of them have */
  start(
    command: readonly string[],
    credentials: Credentials | undefined,
    listener: ProcessListener,
  ): ServerProcess;
  /** Gives up what has not ended until now. Resolves when nothing is left. */
  close(): Promise<void>;
  /** Kills what runs besides the processes that were started, for the last moment. */
  kill(): void;
}
