import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface ScenarioResult {
  readonly scenario: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What the runner says of each failed check. */
  readonly problems: readonly string[];
  /** What the runner says of what SHOULD be otherwise. */
  readonly warnings: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** The scenarios that a revision's frozen requirements score. */
export function scoredScenarios(
  packageDir: string,
  revision: string,
): string[] {
  const file = readFileSync(
    join(packageDir, 'requirements', `${revision}.yaml`),
    'utf8',
  );
  return (parse(file) as { server: string[] }).server;
}

/** Reads the runner's own files; a scenario without any has failed. */
export function readResults(
  dir: string,
  scenarios: readonly string[],
): ScenarioResult[] {
  const folders = readdirSync(dir);
  return scenarios.map(scenario => {
    const folder = folders.find(name =>
      name.startsWith(`server-${scenario}-2`),
    );
    if (folder === undefined)
      return {
        scenario,
        outcome: 'failed',
        problems: ['the runner left no result'],
        warnings: [],
      };
    const checks = JSON.parse(
      readFileSync(join(dir, folder, 'checks.json'), 'utf8'),
    ) as Check[];
    const said = (status: string) =>
      checks
        .filter(check => check.status === status)
        .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? status}`);
    const problems = said('FAILURE');
    const warnings = said('WARNING');
    const succeeded = checks.some(({ status }) => status === 'SUCCESS');
    if (problems.length > 0)
      return { scenario, outcome: 'failed', problems, warnings };
    const outcome = succeeded ? 'passed' : 'skipped';
    return { scenario, outcome, problems, warnings };
  });
}
