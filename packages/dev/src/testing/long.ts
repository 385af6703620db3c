import { inRepository, repositoryDir } from '../repository.ts';
import { lastJson, runNode } from '../../../dev-cluster/src/system/exec.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { bridgeScript, bundleBridge } from './bridge.ts';
import { addToEmbedded } from '../clusters/embedded.ts';
import { drillDevCluster, runClusterTests } from './cluster.ts';
import { restFuzz } from './restFuzz.ts';
import type { Context } from './context.ts';
import { longDrills } from './drills.ts';
import { fromClosingLine, sum, type Totals } from './totals.ts';
import { ENFORCED_TESTS, LONG_TESTS } from './unit.ts';

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

/** What policies close, and that sessions live on behind them, where the cluster can enforce them; and a drill of that add-on. */
async function enforced(context: Context): Promise<Totals[]> {
  const { cluster } = await context.portal();
  if (cluster.kind !== 'embedded') {
    return [];
  }
  await step('a cluster that enforces NetworkPolicies', () =>
    addToEmbedded(cluster.name, ['network-policy']),
  );
  return [
    await runClusterTests(context, 'enforced', [ENFORCED_TESTS]),
    await runClusterTests(context, 'enforced-replicas', [
      '/replicas\\.cluster\\.test\\.ts$',
    ]),
    await drillDevCluster('drills of network-policy', 'networkPolicy.ts'),
  ];
}

/**
 * What takes long, or downloads much: published stdio servers, as they are and through the bridge; what the bridge
 * bears; what it promises of replicas and of a bridge beside an image, on a cluster; the control plane under a hundred
 * crashes, and with a thousand servers; what NetworkPolicies close.
 */
export async function long(context: Context): Promise<Totals> {
  await bundleBridge();
  const script = async (name: string, ...args: string[]) =>
    fromClosingLine(await step(name, () => bridgeScript(...args)));
  const totals = [await script('published servers', 'real-servers')];
  for (const run of ENDURANCE) totals.push(await script(run, 'endurance', run));
  const replicas = await runClusterTests(context, 'long', [LONG_TESTS], {
    env: async ({ registry, bridge }) => ({
      MCP_CLOUD_LONG_TEST_IMAGES: JSON.stringify(
        await buildTestImages(registry, bridge),
      ),
    }),
  });
  const rest = await restFuzz(context);
  const drills = await longDrills(context);
  return sum([...totals, rest, replicas, drills, ...(await enforced(context))]);
}
