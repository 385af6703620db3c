import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signIn } from '../portal/session.ts';
import { cacheDir } from '../../../dev-cluster/src/paths.ts';
import { ensurePackages } from '../../../dev-cluster/src/system/debianPackages.ts';
import { run } from '../../../dev-cluster/src/system/exec.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { reportFile, type Context } from './context.ts';
import type { Totals } from './totals.ts';

const VERSION = '4.32.5';
const SECONDS = 600;
/** Each sends what the document allows and what it does not; none may be answered by a 5xx, or unlike the document. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

/** Schemathesis in a Python environment of its own, which is kept. */
async function schemathesis(): Promise<string> {
  const dir = join(dirname(cacheDir()), `schemathesis-${VERSION}`);
  const program = join(dir, 'bin', 'schemathesis');
  if (!existsSync(program)) {
    await ensurePackages([
      { file: '/usr/bin/python3', debianPackage: 'python3-venv' },
    ]);
    await run('python3', ['-m', 'venv', dir], { seconds: 120 });
    await run(
      join(dir, 'bin', 'pip'),
      ['install', '--quiet', `schemathesis==${VERSION}`],
      { seconds: 600 },
    );
  }
  return program;
}

/** The REST interface under requests made up from its own OpenAPI document, as an administrator, for ten minutes. */
export async function restFuzz(context: Context): Promise<Totals> {
  const { url, ports } = await context.portal();
  const program = await step('schemathesis', schemathesis);
  const token = await signIn(ports, 'carol');
  const base = `${url}/api/mcp-cloud`;
  const headers = { Authorization: `Bearer ${token}` };
  const document = await fetch(`${base}/openapi.json`, { headers });
  const file = reportFile(context, 'openapi');
  writeFileSync(file, await document.text());
  try {
    await step('requests made up from the OpenAPI document', () =>
      run(
        program,
        [
          ...['run', file, '--url', base],
          ...['--header', `Authorization: Bearer ${token}`],
          ...['--checks', CHECKS.join(',')],
          ...['--phases', 'coverage,fuzzing', '--continue-on-failure'],
          ...['--max-time', String(SECONDS), '--request-timeout', '30'],
          // What is behind it is the server's own.
          ...['--exclude-path-regex', 'mcp$', '--no-color'],
        ],
        { seconds: SECONDS + 300, show: true },
      ),
    );
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`requests made up: ${(error as Error).message}`],
    };
  }
}
