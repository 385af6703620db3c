import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

let program: string | undefined;

/** What the first build takes, which has to compile Go's own packages too. */
const BUILD_MS = 300_000;

/** Has the agent's program built before the tests that follow. */
export function withAgent(): void {
  beforeAll(() => {
    agentProgram();
  }, BUILD_MS);
}

/** The agent's program for this machine. */
function agentProgram(): string {
  program ??= execFileSync(
    process.execPath,
    [resolve(__dirname, '../../../../bridge-image/agent/build.ts')],
    { encoding: 'utf8' },
  ).trim();
  return program;
}

/** A socket with an agent at it, which is started anew each time it ends, as Kubernetes does with a container. */
export class TestAgent {
  private readonly dir = mkdtempSync(join(tmpdir(), 'mcp-agent-'));
  readonly socket = join(this.dir, 'agent.sock');
  starts = 0;
  private process?: ChildProcess;
  private stopped = false;

  constructor({ env = {} }: { env?: NodeJS.ProcessEnv } = {}) {
    this.start(env);
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.process?.kill(signal);
  }

  /** For good. */
  stop(): void {
    this.stopped = true;
    this.signal('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  private start(env: NodeJS.ProcessEnv): void {
    if (this.stopped) return;
    this.starts++;
    this.process = spawn(
      agentProgram(),
      ['--socket', this.socket, '--uid', String(process.getuid?.())],
      { stdio: 'ignore', env: { PATH: process.env.PATH, ...env } },
    );
    this.process.on('exit', () => this.start(env));
  }
}
