// Compares one published server in a container of a cluster: through the bridge beside it, and by a process of its own
// there, which `--direct` leads to. `MCP_REAL_SERVERS_SCRATCH` says where that container may be written to.
import { parseArgs } from 'node:util';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { problemsOf } from './problems.ts';
import { record } from './record.ts';
import { serversInImages } from './servers.ts';

/** Gives stdin and stdout of this program to a TCP port. */
const RELAY = `const socket = require('net').connect(Number(process.argv[1]), '127.0.0.1');
process.stdin.pipe(socket).pipe(process.stdout);`;

/** @returns what is not the same */
async function compareBoth(args: {
  package?: string;
  url?: string;
  direct?: string;
}): Promise<string[]> {
  const server = serversInImages.find(one => one.package === args.package);
  if (!server || !args.url || !args.direct)
    throw new Error(
      'Say --package, one of those in images, --url and --direct.',
    );
  const bridged = await record(
    new StreamableHTTPClientTransport(new URL(args.url)),
    server.calls,
  );
  const direct = await record(
    new StdioClientTransport({
      command: process.execPath,
      args: ['-e', RELAY, args.direct],
    }),
    server.calls,
  );
  return problemsOf(server, direct, bridged);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      package: { type: 'string' },
      /** Of the bridge, which asks nobody who they are. */
      url: { type: 'string' },
      /** Port on loopback; each connection is stdin and stdout of a new process of the server, all else is as at first. */
      direct: { type: 'string' },
    },
  });
  const problems = await compareBoth(values);
  console.log(problems.join('\n') || 'the same');
  if (problems.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
