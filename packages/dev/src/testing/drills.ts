import { inRepository } from '../repository.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import type { Context } from './context.ts';
import { TEST_NAME } from './testPortal.ts';
import { fromClosingLine, type Totals } from './totals.ts';

/** Faults that every run goes through; what else they could find, tests of the cluster and the browser find too. */
const EVERY_RUN = [
  'prompt-streams',
  'bad-input',
  'fenced-pods',
  'whole-life',
  'ended-backend',
];

async function run(
  context: Context,
  names: string[],
  seconds = 3600,
): Promise<Totals> {
  await context.portal();
  const output = await runNode(
    [
      inRepository('packages', 'dev', 'src', 'drills', 'main.ts'),
      '--portal',
      TEST_NAME,
      ...names,
    ],
    { seconds, showAll: true, allow: [1] },
  );
  return fromClosingLine(output);
}

/** Streams, pods and what they let in, bad input, a backend that is ended. */
export const drills = (context: Context) => run(context, EVERY_RUN);

/** Those and the others: backends that are killed and paused, an API server or a database that is away, secrets, images that cannot run, figures. */
export const allDrills = (context: Context) => run(context, []);

/** Backends that are killed a hundred times, and a thousand servers. */
export const longDrills = (context: Context) =>
  run(context, ['crash-run', 'scale-run'], 4 * 3600);
