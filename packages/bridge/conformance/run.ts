// Runs the frozen conformance requirements against the built bridge, in every way it serves them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { overHttp, startBridge } from './bridge.ts';
import {
  readResults,
  scoredScenarios,
  type ScenarioResult,
} from './results.ts';

const here = import.meta.dirname;
const LEGACY = '2025-11-25';
const MODERN = '2026-07-28';

interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  /** What the fixture speaks behind the bridge. */
  readonly over?: 'http';
  readonly revisions: readonly string[];
}

/** The fixture speaks both kinds of revisions; what is pinned to one is translated for the other. */
const WAYS: readonly Way[] = [
  {
    name: 'session',
    flags: ['--isolation', 'session'],
    revisions: [LEGACY, MODERN],
  },
  {
    name: 'shared',
    flags: ['--isolation', 'shared'],
    revisions: [LEGACY, MODERN],
  },
  {
    name: 'modern to legacy',
    flags: ['--era', 'legacy'],
    revisions: [MODERN],
  },
  {
    name: 'legacy to modern',
    flags: ['--era', 'modern'],
    revisions: [LEGACY],
  },
  {
    name: 'http',
    flags: [],
    over: 'http',
    revisions: [LEGACY, MODERN],
  },
];

const packageDir = dirname(
  createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/conformance/package.json',
  ),
);

function runRunner(
  url: string,
  revision: string,
  out: string,
): Promise<string> {
  const { MCP_CONFORMANCE_AUTHORIZATION: authorization } = process.env;
  const args = [
    ...(authorization ? ['--import', join(here, 'authorized.mjs')] : []),
    join(packageDir, 'dist', 'index.js'),
    'server',
    '--url',
    url,
    '--requirements',
    revision,
    '-o',
    out,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', data => (said += data));
    child.stderr.on('data', data => (said += data));
    child.on('error', reject);
    child.on('exit', () => resolve(said));
  });
}

/** By way and revision. */
type Known = Readonly<
  Record<string, Readonly<Record<string, string[] | undefined>> | undefined>
>;

const known = parse(
  readFileSync(join(here, 'known-failures.yaml'), 'utf8'),
) as Known;

/** Of all ways; what is known to fail is neither passed nor failed. */
const totals = { passed: 0, failed: 0, skipped: 0 };

function report(results: readonly ScenarioResult[], expected: string[]) {
  const of = (outcome: ScenarioResult['outcome']) =>
    results.filter(result => result.outcome === outcome);
  for (const { scenario, problems } of of('failed')) {
    const label = expected.includes(scenario) ? 'known' : 'FAILED';
    console.log(`  ${label} ${scenario}`);
    for (const problem of problems) console.log(`      ${problem}`);
  }
  for (const { scenario } of of('skipped'))
    console.log(`  SKIPPED ${scenario}`);
  for (const { scenario, warnings } of results)
    for (const warning of warnings)
      console.log(`  WARNING ${scenario}: ${warning}`);
  const stale = of('passed').filter(({ scenario }) =>
    expected.includes(scenario),
  );
  for (const { scenario } of stale)
    console.log(
      `  STALE ${scenario} passes; take it out of known-failures.yaml`,
    );
  const unknown = of('failed').filter(
    ({ scenario }) => !expected.includes(scenario),
  );
  totals.passed += of('passed').length - stale.length;
  totals.failed += unknown.length + stale.length;
  totals.skipped += of('skipped').length;
}

async function ask(url: string, { name, revisions }: Way): Promise<void> {
  for (const revision of revisions) {
    const out = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
    const said = await runRunner(url, revision, out);
    const results = readResults(out, scoredScenarios(packageDir, revision));
    rmSync(out, { recursive: true, force: true });
    const passed = results.filter(({ outcome }) => outcome === 'passed');
    console.log(`${revision}: ${passed.length}/${results.length} (${name})`);
    report(results, known[name]?.[revision] ?? []);
    if (passed.length === 0) console.log(said.trim().slice(-2000));
  }
}

async function runWay(way: Way): Promise<void> {
  const { flags, over } = way;
  const bridge = await startBridge(
    over === 'http' ? await overHttp(flags) : { flags },
  );
  try {
    await ask(bridge.url, way);
  } finally {
    await bridge.stop();
  }
}

/**
 * Only ways whose name is given, or all. `--url` is where a bridge serves the fixture in that way already;
 * it is shown what `MCP_CONFORMANCE_AUTHORIZATION` says.
 */
async function main(args: string[]): Promise<void> {
  const { values, positionals: names } = parseArgs({
    args,
    options: { url: { type: 'string' } },
    allowPositionals: true,
  });
  const strange = names.find(name => !WAYS.some(way => way.name === name));
  if (strange) throw new Error(`There is no way "${strange}".`);
  for (const way of WAYS)
    if (names.length === 0 || names.includes(way.name))
      await (values.url ? ask(values.url, way) : runWay(way));
  const { passed, failed, skipped } = totals;
  if (failed > 0 || skipped > 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
