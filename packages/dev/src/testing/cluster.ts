import { inRepository } from '../repository.ts';
import { stateDir } from '../portal/stateDir.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import type { Context } from './context.ts';
import { withRepeat } from './repeat.ts';
import { runJest } from './runJest.ts';
import { TEST_NAME } from './testPortal.ts';
import { fromTap, sum, type Totals } from './totals.ts';
import { CLUSTER_TESTS, INGRESS_TESTS } from './unit.ts';

export const drillDevCluster = (name: string, file: string) =>
  withRepeat(name, async () => {
    const tap = await step(name, () =>
      runNode(
        [
          '--test',
          '--test-reporter=tap',
          inRepository('packages', 'dev-cluster', 'src', 'drills', file),
        ],
        {
          // The first time programs are built.
          seconds: 3600,
          show: true,
          allow: [1],
        },
      ),
    );
    return fromTap(tap);
  });

interface ClusterTestOptions {
  /** Whether files run one after the other, as where they load or change the whole cluster. */
  inBand?: boolean;
  /** More environment. */
  env?: (found: {
    registry: string;
    bridge: string;
  }) => Promise<Record<string, string>>;
}

/** Runs the tests of files with such names against the cluster for tests. */
export async function runClusterTests(
  context: Context,
  name: string,
  patterns: string[],
  { inBand = true, env = async () => ({}) }: ClusterTestOptions = {},
): Promise<Totals> {
  const { cluster: used, images } = await context.portal();
  if (!used.registry || !images) {
    throw new Error('The cluster for tests has no registry.');
  }
  return runJest(
    context,
    name,
    [...(inBand ? ['--runInBand'] : []), '--testPathPatterns', ...patterns],
    {
      // Tests make a namespace each, so they get an administrator's; the last one is the backend's own narrow account.
      MCP_CLOUD_TEST_KUBECONFIG: used.kubeconfig,
      MCP_CLOUD_TEST_ACCOUNT_KUBECONFIG: stateDir(TEST_NAME).kubeconfig,
      ...(used.ingress && {
        MCP_CLOUD_TEST_INGRESS: JSON.stringify(used.ingress),
        // An embedded cluster's context is named as its network is.
        MCP_CLOUD_TEST_NETWORK: used.context,
      }),
      MCP_CLOUD_TEST_IMAGES: JSON.stringify({
        bridge: images.bridge.ref,
        everything: images.everything.ref,
        hello: images.hello.ref,
        plain: images.plain.ref,
      }),
      ...(await env({ registry: used.registry, bridge: images.bridge.ref })),
    },
  );
}

/** The control plane against a real cluster; and drills of the cluster itself. */
export async function cluster(context: Context): Promise<Totals> {
  // Other clusters have their own ways in, which the tests know nothing of.
  const { cluster: used } = await context.portal();
  const patterns = [CLUSTER_TESTS, ...(used.ingress ? [INGRESS_TESTS] : [])];
  const tests = await runClusterTests(context, 'cluster', patterns, {
    inBand: false,
  });
  const drills = await drillDevCluster(
    'drills of the embedded cluster',
    'cluster.ts',
  );
  const addOns = await drillDevCluster('drills of its add-ons', 'addOns.ts');
  return sum([tests, drills, addOns]);
}
