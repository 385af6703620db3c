import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { signalGroup, sweepGroup } from './group';
import type {
  Credentials,
  ProcessHost,
  ProcessListener,
  ServerProcess,
} from './process';

class LocalProcess implements ServerProcess {
  private readonly process: ChildProcessWithoutNullStreams;

  constructor(
    [file, ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    listener: ProcessListener,
  ) {
    this.process = spawn(file, args, { detached: true, env, stdio: 'pipe' });
    this.process.on('error', error => {
      // Without a pid it has never run, and no 'exit' will follow.
      if (this.pid === null) listener.onSpawnError(error.message);
    });
    this.process.on('exit', (code, signal) => listener.onExit(code, signal));
    this.process.on('close', () => listener.onClose());
  }

  get pid(): number | null {
    return this.process.pid ?? null;
  }

  get stdin() {
    return this.process.stdin;
  }

  get stdout() {
    return this.process.stdout;
  }

  get stderr() {
    return this.process.stderr;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.pid !== null) signalGroup(this.pid, signal);
  }

  async sweep(graceMs: number): Promise<void> {
    if (this.pid !== null) await sweepGroup(this.pid, graceMs);
  }
}

/** The environment that children get: the bridge's own variables are none of their business. */
function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('MCP_BRIDGE_')),
  );
}

/** Processes beside the bridge, on its own machine or in its own container. */
export class LocalHost implements ProcessHost {
  readonly isLocal = true;
  onChange = () => {};
  private readonly env = childEnvironment(process.env);

  start(
    command: readonly string[],
    credentials: Credentials | undefined,
    listener: ProcessListener,
  ): ServerProcess {
    const env = credentials ? { ...this.env, ...credentials } : this.env;
    return new LocalProcess(command, env, listener);
  }

  async close(): Promise<void> {}

  kill(): void {}
}
