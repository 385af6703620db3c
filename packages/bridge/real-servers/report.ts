import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recording } from './record.ts';
import type { Server } from './server.ts';

const FILE = join(
  import.meta.dirname,
  '../../../docs/reference/tested-servers.md',
);

/** A server that was the same through the bridge. */
export interface Passed {
  readonly server: Server;
  readonly recording: Recording;
}

/** Whether a call that takes arguments is answered without an error. */
const hasRealCall = ({ calls }: Server) =>
  calls.some(call => call.arguments !== undefined && !call.fails);

function counted(servers: readonly Server[]) {
  const from = (registry: Server['registry']) =>
    servers.filter(server => server.registry === registry).length;
  return {
    all: servers.length,
    npm: from('npm'),
    pypi: from('pypi'),
    withCalls: servers.filter(hasRealCall).length,
  };
}

/** What was tried, in one line. */
export function summary(servers: readonly Server[]): string {
  const { all, npm, pypi, withCalls } = counted(servers);
  return `${all} servers, ${npm} from npm and ${pypi} from PyPI; ${withCalls} of them with a call that takes arguments and succeeds`;
}

/** @throws Error when the table of servers has become too small to say much */
export function checkEnough(servers: readonly Server[]): void {
  const { all, npm, pypi, withCalls } = counted(servers);
  if (all < 30 || npm < 10 || pypi < 10 || withCalls < 20)
    throw new Error(
      `Too few: ${summary(servers)}. There must be 30, 10, 10 and 20.`,
    );
}

function asked({ calls }: Server): string {
  const times = new Map<string, number>();
  for (const { tool, fails } of calls) {
    const name = fails ? `${tool} (an error)` : tool;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  const names = [...times].map(([name, n]) =>
    n > 1 ? `${name} × ${n}` : name,
  );
  return names.join(', ') || '– (need the internet or a browser)';
}

function varying({ calls }: Server): string {
  const reasons = calls.flatMap(({ varies = [] }) =>
    varies.map(one => one.why),
  );
  return [...new Set(reasons)].join('; ') || '–';
}

function cells({ server, recording }: Passed): string[] {
  const tools = recording.lists['tools/list'].flatMap(
    ({ result }) => result?.tools,
  ).length;
  return [
    server.registry,
    `${server.package} ${server.version}`,
    String(tools),
    asked(server),
    varying(server),
  ];
}

const HEAD = ['From', 'Server', 'Tools', 'Calls', 'Differs from run to run'];

/** As Prettier would write it. */
function table(rows: readonly string[][]): string {
  const widths = HEAD.map((_, column) =>
    Math.max(...[HEAD, ...rows].map(row => row[column].length)),
  );
  const line = (row: string[]) => `| ${row.join(' | ')} |`;
  const padded = (row: string[]) =>
    line(row.map((cell, column) => cell.padEnd(widths[column])));
  const rule = line(widths.map(width => '-'.repeat(width)));
  return [padded(HEAD), rule, ...rows.map(padded)].join('\n');
}

/** Writes the page of the documentation. */
export function writeTable(passed: readonly Passed[]): void {
  const page = `# Servers that were tried

<!-- Written by packages/bridge/real-servers: yarn workspace @mcp-cloud/bridge real-servers --write -->

Published stdio servers, run as they are and through \`mcp-bridge\`: the answer to \`initialize\`, all lists of tools, resources and
prompts, each result, each error and the progress before it are the same JSON values, apart from what is named in the last
column. ${summary(passed.map(({ server }) => server))}.

${table(passed.map(cells))}
`;
  writeFileSync(FILE, page);
}
