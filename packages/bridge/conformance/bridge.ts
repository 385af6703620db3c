import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './port.ts';

const here = import.meta.dirname;

/** A bridge on loopback ports of its own choice. */
export interface RunningBridge {
  readonly url: string;
  readonly port: number;
  readonly adminPort: number;
  readonly pid: number;
  /** The newest lines of its log. */
  readonly said: readonly string[];
  stop(): Promise<void>;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    child.on('exit', () => resolve());
  });
}

export interface BridgeOptions {
  /** Options of the bridge. */
  flags?: readonly string[];
  nodeFlags?: readonly string[];
  /** By default the fixture of the conformance sets. */
  command?: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

const fixture = [process.execPath, join(here, 'fixture', 'server.ts')];
const onFreePorts = ['--auth', 'none', '--port', '0', '--admin-port', '0'];

/** The same fixture, which speaks HTTP to the bridge. */
export async function overHttp(
  flags: readonly string[],
): Promise<BridgeOptions> {
  const port = await freePort();
  return {
    flags: [...flags, '--upstream', `http://127.0.0.1:${port}/mcp`],
    command: [...fixture, String(port)],
  };
}

/** Lines of the log that are kept. */
const MAX_LINES = 1000;

/** Starts the built bridge; rejects when it ends before it listens. */
export async function startBridge({
  flags = [],
  nodeFlags = [],
  command = fixture,
  ...place
}: BridgeOptions = {}): Promise<RunningBridge> {
  const bridge = join(here, '..', 'dist', 'mcp-bridge.mjs');
  const child = spawn(
    process.execPath,
    [...nodeFlags, bridge, ...onFreePorts, ...flags, '--', ...command],
    { ...place, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exit = ended(child);
  const said: string[] = [];
  const ports = await new Promise<{ port: number; adminPort: number }>(
    (resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', line => {
        said.push(line);
        if (said.length > MAX_LINES) said.shift();
        if (line.includes('"mcp-bridge listening"')) resolve(JSON.parse(line));
      });
      void exit.then(() =>
        reject(new Error(`The bridge did not start:\n${said.join('\n')}`)),
      );
    },
  );
  return {
    ...ports,
    url: `http://localhost:${ports.port}/mcp`, // the scenario on DNS rebinding wants the name
    pid: child.pid ?? 0,
    said,
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
