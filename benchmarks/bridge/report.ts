import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import prettier from 'prettier';
import type { Latency, Throughput } from './measures.ts';
import type { Way } from './ways.ts';

/** What was measured of one contestant. */
export interface Row {
  name: string;
  note: string;
  one: Throughput;
  fifty: Throughput;
  /** Bytes, with 50 sessions. */
  memory?: number;
  /** Milliseconds until a new session is there. */
  start?: number;
}

export interface Results {
  limit: Row;
  rows: Row[];
  /** Names of our own among the rows. */
  ours: string[];
  ways: Way[];
  latency: { rate: number; pipes: Latency; bare: Latency; bridge: Latency };
}

const number = (value: number) => Math.round(value).toLocaleString('en-US');
const ms = (value: number) => `${value.toFixed(2)} ms`;

function table(results: Results): string {
  const best = (pick: (row: Row) => number) =>
    Math.max(
      ...results.rows
        .filter(({ name }) => !results.ours.includes(name))
        .map(pick),
    );
  const ratio = (row: Row, pick: (row: Row) => number) =>
    results.ours.includes(row.name)
      ? ` (${(pick(row) / best(pick)).toFixed(
          1,
        )} × the better peer, ${Math.round(
          (pick(row) / pick(results.limit)) * 100,
        )} % of the limit)`
      : '';
  const one = (row: Row) => row.one.perSecond;
  const fifty = (row: Row) => row.fifty.perSecond;
  const lines = [results.limit, ...results.rows].map(row =>
    [
      '',
      `**${row.name}**, ${row.note}`,
      number(one(row)) + ratio(row, one),
      number(fifty(row)) + ratio(row, fifty),
      number(row.one.failed + row.fifty.failed),
      row.memory === undefined ? '–' : `${number(row.memory / 1e6)} MB`,
      row.start === undefined ? '–' : ms(row.start),
      '',
    ].join(' | '),
  );
  return [
    '| | calls/s, 1 connection | calls/s, 50 connections | wrong answers | memory, 50 sessions | new session (p50) |',
    '|---|---|---|---|---|---|',
    ...lines.map(line => line.trim()),
  ].join('\n');
}

function waysTable([first, ...others]: Way[]): string {
  const line = ({ name, perSecond }: Way, ratio: string) =>
    `| ${name} | ${number(perSecond)} | ${ratio} |`;
  return [
    '| | calls/s, 50 at a time | |',
    '|---|---|---|',
    line(first, '1'),
    ...others.map(way =>
      line(way, `${(way.perSecond / first.perSecond).toFixed(2)} ×`),
    ),
  ].join('\n');
}

/** What no bridge can be better than with one call at a time: an answer of HTTP, and one of the child behind it. */
function oneAtATime({ limit, rows, ours, latency }: Results): string {
  const ideal = 1000 / (1000 / limit.one.perSecond + latency.pipes.p50);
  const best = Math.max(
    ...rows
      .filter(({ name }) => !ours.includes(name))
      .map(row => row.one.perSecond),
  );
  const most = Math.max(
    ...rows
      .filter(({ name }) => !ours.includes(name))
      .map(row => row.fifty.perSecond),
  );
  return `With one connection a call costs at least one round trip over HTTP and one over the child's pipes: ${number(
    ideal,
  )} calls/s, which is
${(ideal / best).toFixed(
  1,
)} × the better peer, would be a bridge that takes no time at all. With 50 connections the limit is bare node:http: ${(
    limit.fifty.perSecond / most
  ).toFixed(1)} × the better peer.`;
}

function page(results: Results): string {
  const { rate, pipes, bare, bridge } = results.latency;
  return `# The bridge beside others

<!-- Written by benchmarks/bridge -->

Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${number(
    totalmem() / 2 ** 30,
  )} GiB, Node ${
    process.version
  }, all in one run. Figures of a machine mean little; the
ratios within one run do. The same child, a server that echoes, stands behind all; the same client, \`wrk\`, calls one
session. Every request carries the same JSON-RPC id, as clients may choose them: a wrong answer is one that was no
success or not what was asked for. The bridge runs as on a cluster: it checks a token and the Host, counts, and holds
its limits. The peers check nothing.

${table(results)}

![Calls per second](bridge.svg)

${oneAtATime(results)}

## Ways into the bridge

In the same run, with a client that costs less than \`node:http\` (\`benchmarks/bridge/rawHttp.ts\`); over WebSocket that of \`ws\`.

${waysTable(results.ways)}

A request for a session of another replica crosses two bridges and TLS between them. By Node's profile of that case the replica
that passes it on spends 30 % of its time in \`writev\`, once to the owner and once to the client for each call; about 6 % goes into
headers, and no other function takes more than 3 %. The owner spends 17 % on writes, most of them to the child, and 8 % on
collecting garbage. Client, both bridges and child share the cores, so a call that costs two bridges what one costs cannot be
half as fast by less work in one place.

## Latency at ${number(rate)} calls a second

| | p50 | p99 |
|---|---|---|
| bare pipes, no HTTP | ${ms(pipes.p50)} | ${ms(pipes.p99)} |
| bare node:http, no child | ${ms(bare.p50)} | ${ms(bare.p99)} |
| mcp-bridge | ${ms(bridge.p50)} | ${ms(bridge.p99)} |
| added by the bridge, against pipes | ${ms(bridge.p50 - pipes.p50)} | ${ms(
    bridge.p99 - pipes.p99,
  )} |

HTTP itself, \`node:http\` without a child, adds ${ms(
    bare.p50 - pipes.p50,
  )} (p50) and ${ms(bare.p99 - pipes.p99)} (p99) of that.

## Repeat it

\`\`\`
yarn workspace @mcp-cloud/bridge build
yarn workspace @mcp-cloud/benchmark-bridge start   # some minutes; needs wrk (Debian package wrk) and npm for the peers
\`\`\`
`;
}

const BAR = { width: 420, height: 22, gap: 10, left: 190, top: 34 };

/** Bars of calls per second over 50 connections, readable on light and dark ground. */
function plot({ limit, rows, ours }: Results): string {
  const all = [limit, ...rows];
  const most = Math.max(...all.map(row => row.fifty.perSecond));
  const height = BAR.top + all.length * (BAR.height + BAR.gap);
  const bars = all.map((row, i) => {
    const y = BAR.top + i * (BAR.height + BAR.gap);
    const width = Math.max(2, (row.fifty.perSecond / most) * BAR.width);
    const colour = ours.includes(row.name) ? '#1f8a70' : '#8a94a6';
    return [
      `<text x="${BAR.left - 10}" y="${y + 15}" text-anchor="end">${
        row.name
      }</text>`,
      `<rect x="${BAR.left}" y="${y}" width="${width.toFixed(1)}" height="${
        BAR.height
      }" rx="3" fill="${colour}"/>`,
      `<text x="${BAR.left + width + 8}" y="${y + 15}">${number(
        row.fifty.perSecond,
      )}</text>`,
    ].join('\n  ');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 ${height}" font-family="sans-serif" font-size="13" fill="#7a8599" role="img" aria-label="Calls per second over 50 connections">
  <text x="${
    BAR.left
  }" y="18" font-weight="bold">Calls per second, one session, 50 connections</text>
  ${bars.join('\n  ')}
</svg>
`;
}

/** Writes page and plot into a folder, as the repository wants them written. */
export async function write(folder: string, results: Results): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'bridge.md');
  const config = await prettier.resolveConfig(file);
  writeFileSync(
    file,
    prettier.format(page(results), { ...config, filepath: file }),
  );
  writeFileSync(join(folder, 'bridge.svg'), plot(results));
}
