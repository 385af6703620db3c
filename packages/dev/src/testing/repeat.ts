import { say } from '../../../dev-cluster/src/system/steps.ts';
import type { Totals } from './totals.ts';

/** More than these are no accident. */
const AT_MOST = 5;

/**
 * Whether to run what failed once more. Tests wait for real clusters, databases and browsers, all on one busy machine:
 * one that fails among thousands is told from a defect by failing again. What passes then is named at the end of a run.
 */
export function deservesRepeat({ failed }: Totals): boolean {
  return failed > 0 && failed <= AT_MOST;
}

/** Runs a part of a suite, and, where a few of its tests failed, once more. The second run counts. */
export async function withRepeat(
  name: string,
  run: () => Promise<Totals>,
): Promise<Totals> {
  const first = await run();
  if (!deservesRepeat(first)) {
    return first;
  }
  say(`${name}: ${first.failed} failed; once more`);
  const second = await run();
  return second.failed > 0
    ? second
    : { ...second, unsteady: [...(first.failures ?? [name])] };
}
