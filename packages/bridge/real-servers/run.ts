// Runs published stdio servers directly and through the built bridge, and compares all that they answer.
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startBridge } from '../conformance/bridge.ts';
import { install } from './install.ts';
import { problemsOf } from './problems.ts';
import { record, type Recording } from './record.ts';
import { checkEnough, summary, writeTable, type Passed } from './report.ts';
import {
  freshScratch,
  home,
  removeScratch,
  scratch,
  temporary,
} from './scratch.ts';
import type { Server } from './server.ts';
import { servers } from './servers.ts';

/** How a server is started, the same way in both runs. */
interface Command {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

function commandOf(server: Server, command: string): Command {
  const env = {
    ...getDefaultEnvironment(),
    HOME: home,
    TMPDIR: temporary,
    // Servers from npm run by the Node that runs this.
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    TZ: 'UTC',
    PYTHONHASHSEED: '0', // else Python lists sets in another order each time
    ...server.env,
  };
  return { command, args: [...(server.args ?? [])], env, cwd: scratch };
}

function fresh(server: Server): void {
  freshScratch();
  server.prepare?.();
}

async function direct(server: Server, command: Command): Promise<Recording> {
  fresh(server);
  const transport = new StdioClientTransport({ ...command, stderr: 'ignore' });
  return record(transport, server.calls);
}

async function bridged(server: Server, how: Command): Promise<Recording> {
  fresh(server);
  const { command, args, env, cwd } = how;
  const bridge = await startBridge({
    command: [command, ...args],
    env,
    cwd,
  });
  try {
    const transport = new StreamableHTTPClientTransport(new URL(bridge.url));
    return await record(transport, server.calls);
  } finally {
    await bridge.stop();
  }
}

/** @returns what a server answers without the bridge. @throws Error that tells what is not the same through it */
async function attempt(server: Server): Promise<Recording> {
  const command = commandOf(server, await install(server));
  const recording = await direct(server, command);
  const through = await bridged(server, command);
  const problems = problemsOf(server, recording, through);
  if (problems.length > 0) throw new Error(problems.join('\n    '));
  return recording;
}

/** The servers of these names, or all. */
function choose(names: readonly string[]): readonly Server[] {
  checkEnough(servers);
  const strange = names.find(
    name => !servers.some(server => server.package === name),
  );
  if (strange) throw new Error(`There is no server "${strange}" in the table.`);
  return names.length === 0
    ? servers
    : servers.filter(server => names.includes(server.package));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { write: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const chosen = choose(positionals);
  const passed: Passed[] = [];
  for (const server of chosen) {
    const begin = performance.now();
    const outcome = await attempt(server).then(
      recording => {
        passed.push({ server, recording });
        return 'same';
      },
      (error: Error) => `FAILED\n    ${error.message}`,
    );
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(
      `${server.registry} ${server.package} ${server.version} (${server.calls.length} calls, ${seconds} s): ${outcome}`,
    );
  }
  const failed = chosen.length - passed.length;
  console.log(summary(passed.map(({ server }) => server)));
  if (values.write && passed.length === servers.length) writeTable(passed);
  console.log(`${passed.length} passed, ${failed} failed, 0 skipped`);
  if (failed > 0) process.exitCode = 1;
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(removeScratch);
