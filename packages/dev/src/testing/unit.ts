import { step } from '../../../dev-cluster/src/system/steps.ts';
import type { Context } from './context.ts';
import { startPostgres } from './postgres.ts';
import { runJest } from './runJest.ts';
import type { Totals } from './totals.ts';

/** Other suites run these: they need a cluster, one with what leads in from outside, one that enforces policies, a cluster and much time, a build. */
export const CLUSTER_TESTS = '\\.cluster\\.test\\.ts$';
export const INGRESS_TESTS = '\\.ingress\\.test\\.ts$';
export const ENFORCED_TESTS = '\\.enforced\\.test\\.ts$';
export const LONG_TESTS = '\\.long\\.test\\.ts$';
export const BRIDGE_TESTS = '/packages/bridge/';

/** Jest over all workspaces but the bridge, every database test on SQLite and on PostgreSQL. */
export async function unit(context: Context): Promise<Totals> {
  const { url } = await step('PostgreSQL', () => startPostgres(context.undo));
  return runJest(
    context,
    'unit',
    [
      '--testPathIgnorePatterns',
      '/node_modules/',
      CLUSTER_TESTS,
      INGRESS_TESTS,
      ENFORCED_TESTS,
      LONG_TESTS,
      BRIDGE_TESTS,
    ],
    {
      BACKSTAGE_TEST_DATABASE_POSTGRES15_CONNECTION_STRING: url,
      // Where PostgreSQL is missing after all, these tests shall fail and not be left out.
      MCP_CLOUD_TEST_POSTGRES: 'required',
    },
  );
}
