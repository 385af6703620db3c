import { inRepository, repositoryDir } from '../repository.ts';
import { run } from '../../../dev-cluster/src/system/exec.ts';
import { readJson } from '../../../dev-cluster/src/system/files.ts';
import { reportFile, type Context } from './context.ts';
import { fromJest, type Totals } from './totals.ts';

/** Runs Jest over all workspaces, by Backstage's CLI, with more arguments and environment. */
export async function runJest(
  context: Context,
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Totals> {
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
  const found = readJson<Parameters<typeof fromJest>[0]>(report);
  if (!found) {
    throw new Error('Jest ended without a report.');
  }
  return fromJest(found);
}
