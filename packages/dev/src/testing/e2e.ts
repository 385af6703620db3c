import { inRepository } from '../repository.ts';
import { stateDir } from '../portal/stateDir.ts';
import { ensurePackages } from '../../../dev-cluster/src/system/debianPackages.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import { readJson } from '../../../dev-cluster/src/system/files.ts';
import { step } from '../../../dev-cluster/src/system/steps.ts';
import { reportFile, type Context } from './context.ts';
import { TEST_NAME } from './testPortal.ts';
import { fromPlaywright, type Totals } from './totals.ts';

/** The whole way in Chromium: the built pages, the real backend, a real cluster. */
export async function e2e(context: Context): Promise<Totals> {
  await step('Chromium', () =>
    ensurePackages([{ file: '/usr/bin/chromium', debianPackage: 'chromium' }]),
  );
  const { url, cluster, images } = await context.portal();
  const report = reportFile(context, 'e2e');
  await runNode([inRepository('node_modules', '.bin', 'playwright'), 'test'], {
    cwd: inRepository('packages', 'dev'),
    env: {
      ...process.env,
      PORTAL: url,
      MCP_CLOUD_TEST_CLUSTER: cluster.name,
      MCP_CLOUD_TEST_ADMIN_KUBECONFIG: cluster.kubeconfig,
      MCP_CLOUD_TEST_IMAGE: images?.everything.ref,
      MCP_CLOUD_TEST_REGISTRY: cluster.registry,
      MCP_CLOUD_TEST_BACKEND_LOG: stateDir(TEST_NAME).log('backend'),
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
    seconds: 3600,
    showAll: true,
    allow: [1],
  });
  const found = readJson<Parameters<typeof fromPlaywright>[0]>(report);
  if (!found) {
    throw new Error('Playwright ended without a report.');
  }
  return fromPlaywright(found);
}
