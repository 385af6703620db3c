import { inRepository, repositoryDir } from '../repository.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import { say, step } from '../../../dev-cluster/src/system/steps.ts';
import type { Totals } from './totals.ts';

const bin = (name: string) => inRepository('node_modules', '.bin', name);

/** Each is one test: it passes or it fails. */
const checks: Array<{ name: string; args: string[] }> = [
  { name: 'types', args: [bin('tsc'), '--noEmit', '--incremental', 'false'] },
  {
    name: 'ESLint',
    args: [bin('backstage-cli'), 'repo', 'lint', '--max-warnings', '0'],
  },
  {
    name: 'Prettier',
    args: [bin('prettier'), '--check', '--loglevel', 'warn', '.'],
  },
];

export async function lint(): Promise<Totals> {
  const totals = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
  // Side by side: each uses one processor.
  await Promise.all(
    checks.map(async ({ name, args }) => {
      try {
        await step(name, () =>
          runNode(args, { cwd: repositoryDir, seconds: 1200 }),
        );
        totals.passed += 1;
      } catch (error) {
        say((error as Error).message);
        totals.failed += 1;
        totals.failures.push(name);
      }
    }),
  );
  return totals;
}
