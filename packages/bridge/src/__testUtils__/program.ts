import { ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { waitFor } from './wait';

/** Bundles the program as it is in an image. */
export async function buildProgram(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(__dirname, '..', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
}

interface LogLine {
  readonly msg?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly stream?: string;
  readonly problem?: string;
}

/** The built program, run as it is in an image. */
export class Program {
  readonly lines: string[] = [];
  exitCode: number | null | undefined;
  private readonly process: ChildProcess;

  constructor(bundle: string, args: readonly string[]) {
    this.process = spawn(process.execPath, [bundle, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    createInterface({ input: this.process.stderr as NodeJS.ReadableStream }).on(
      'line',
      line => this.lines.push(line),
    );
    this.process.on('exit', code => {
      this.exitCode = code;
    });
  }
  get log(): LogLine[] {
    return this.lines
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as LogLine);
  }
  async listening(): Promise<{ port: number; adminPort: number }> {
    await waitFor(
      () =>
        this.log.some(({ msg }) => msg === 'mcp-bridge listening') ||
        this.exitCode !== undefined,
    );
    const { port = 0, adminPort = 0 } =
      this.log.find(({ msg }) => msg === 'mcp-bridge listening') ?? {};
    return { port, adminPort };
  }
  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }
  async exited(): Promise<number | null> {
    await waitFor(() => this.exitCode !== undefined);
    return this.exitCode ?? null;
  }
  /** Processes that this one has started. */
  children(): number[] {
    const { pid } = this.process;
    return readdirSync(`/proc/${pid}/task`).flatMap(task => {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number);
    });
  }
}
