import { inRepository, repositoryDir } from '../repository.ts';
import { run } from '../../../dev-cluster/src/system/exec.ts';
import { readJson } from '../../../dev-cluster/src/system/files.ts';
import { say } from '../../../dev-cluster/src/system/steps.ts';
import { reportFile, type Context } from './context.ts';
import { deservesRepeat } from './repeat.ts';
import {
  failedFiles,
  fromJest,
  inPlaceOf,
  type JestReport,
  type Totals,
} from './totals.ts';

/**
 * Runs Jest over all workspaces, by Backstage's CLI, with more arguments and environment. Where a few tests fail, their
 * files run once more, one after the other, and that counts.
 */
export async function runJest(
  context: Context,
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Totals> {
  const first = await jestReport(context, name, args, env);
  const totals = fromJest(first);
  const files = failedFiles(first);
  if (!deservesRepeat(totals)) return totals;
  say(`${name}: ${totals.failed} failed; once more:\n  ${files.join('\n  ')}`);
  const again = await jestReport(
    context,
    `${name}-again`,
    ['--runInBand', '--runTestsByPath', ...files],
    env,
  );
  return inPlaceOf(first, again);
}

async function jestReport(
  context: Context,
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<JestReport> {
  const report = reportFile(context, name);
  const cli = inRepository('node_modules', '.bin', 'backstage-cli');
  await run(
    process.execPath,
    [
      cli,
      'repo',
      'test',
      '--json',
      '--outputFile',
      report,
      // Two, unless the suite wants them one after the other.
      ...(args.includes('--runInBand') ? [] : ['--maxWorkers=2']),
      // Tests wait for real processes and databases; on a busy machine that takes its time.
      '--testTimeout=30000',
      '--passWithNoTests',
      ...args,
    ],
    {
      cwd: repositoryDir,
      env: { ...process.env, CI: 'true', ...env },
      seconds: 3600,
      show: true, // Jest tells people on standard error; what `--json` prints is in the report too
      allow: [1], // some tests failed: the report says which
    },
  );
  const found = readJson<JestReport>(report);
  if (!found) {
    throw new Error('Jest ended without a report.');
  }
  return found;
}
