import { inRepository, repositoryDir } from '../repository.ts';
import { run, runNode } from '../../../dev-cluster/src/system/exec.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { findGo } from '../../../dev-cluster/src/toolchain.ts';
import type { Context } from './context.ts';
import { withRepeat } from './repeat.ts';
import { runJest } from './runJest.ts';
import { fromClosingLine, fromGo, sum, type Totals } from './totals.ts';
import { BRIDGE_TESTS } from './unit.ts';

/** Runs a script of the bridge's package; its closing line says what failed. */
export const bridgeScript = (...args: string[]) =>
  runNode(
    [
      inRepository('.yarn', 'releases', 'yarn-4.13.0.cjs'),
      'workspace',
      '@mcp-cloud/bridge',
      ...args,
    ],
    {
      cwd: repositoryDir,
      seconds: 1800,
      showAll: true,
      allow: [1],
    },
  );

export const bundleBridge = () =>
  step('bundle of the bridge', () =>
    runNode(['build.mjs'], {
      cwd: inRepository('packages', 'bridge'),
      seconds: 120,
    }),
  );

/** The bridge: its bundle, its tests, those of its agent, the frozen conformance sets of the protocol, and that nothing reaches another call. */
export async function bridge(context: Context): Promise<Totals> {
  await bundleBridge();
  const tests = await runJest(context, 'bridge', [
    '--testPathPatterns',
    BRIDGE_TESTS,
  ]);
  const agent = await withRepeat('tests of the agent', async () =>
    fromGo(
      await step('tests of the agent', async () =>
        run(await findGo(), ['test', '-vet=all', '-count=1', '-json', '.'], {
          cwd: inRepository('bridge-image', 'agent'),
          seconds: 300,
          show: true,
          allow: [1],
        }),
      ),
    ),
  );
  const script = (name: string, ...args: string[]) =>
    withRepeat(name, async () =>
      fromClosingLine(await step(name, () => bridgeScript(...args))),
    );
  const conformance = await script('conformance', 'conformance');
  const attribution = await script(
    'attribution',
    'endurance',
    'attribution',
    '--short',
  );
  return sum([tests, agent, conformance, attribution]);
}
