import { inRepository, repositoryDir } from '../repository.ts';
import { lastJson, runNode } from '../../../dev-cluster/src/system/exec.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { bridgeScript, bundleBridge } from './bridge.ts';
import { runClusterTests } from './cluster.ts';
import { restFuzz } from './restFuzz.ts';
import type { Context } from './context.ts';
import { fromClosingLine, sum, type Totals } from './totals.ts';
import { LONG_TESTS } from './unit.ts';

/** What the bridge bears: packages/bridge/endurance. */
const ENDURANCE = ['attribution', 'hostile', 'leaks', 'memory', 'fuzz', 'soak'];

/** Images that only these tests need. */
const buildTestImages = (registry: string, bridge: string) =>
  step('images of servers for tests', async () =>
    lastJson<object>(
      await runNode(
        [
          inRepository('bridge-image', 'testing', 'images.ts'),
          ...['--registry', registry, '--bridge', bridge],
        ],
        { cwd: repositoryDir, seconds: 1800, show: true },
      ),
    ),
  );

/**
 * What takes long, or downloads much: published stdio servers, as they are and through the bridge; what the bridge
 * bears; what it promises of replicas and of a bridge beside an image, on a cluster.
 */
export async function long(context: Context): Promise<Totals> {
  await bundleBridge();
  const script = async (name: string, ...args: string[]) =>
    fromClosingLine(await step(name, () => bridgeScript(...args)));
  const totals = [await script('published servers', 'real-servers')];
  for (const run of ENDURANCE) totals.push(await script(run, 'endurance', run));
  const replicas = await runClusterTests(
    context,
    'long',
    LONG_TESTS,
    async ({ registry, bridge }) => ({
      MCP_CLOUD_LONG_TEST_IMAGES: JSON.stringify(
        await buildTestImages(registry, bridge),
      ),
    }),
  );
  return sum([...totals, await restFuzz(context), replicas]);
}
