// Pictures for the documentation: MCP_CLOUD_PICTURES=yes ./test e2e
import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { inRepository } from '../src/repository.ts';
import { Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';
import { ServerPage } from './support/serverPage.ts';

const folder = inRepository('docs', 'images');

for (const theme of ['light', 'dark'] as const) {
  test(`pictures in ${theme}`, async ({ page }) => {
    mkdirSync(folder, { recursive: true });
    const picture = (what: string) =>
      page.screenshot({ path: `${folder}/${what}-${theme}.png` });
    const owner = await Person.named('alice');
    await owner.deploy('everything', 'group:default/team-a', 2);
    await owner.deploy('stopped-tools', 'group:default/team-a');
    await owner.change('POST', '/servers/stopped-tools/stop');
    try {
      await page.emulateMedia({ colorScheme: theme });
      await signIn(page, alice);
      await expect(
        page.getByRole('link', { name: 'everything', exact: true }),
      ).toBeVisible();
      await picture('dashboard');
      await page.goto('/mcp-cloud/deploy');
      await expect(page.getByRole('button', { name: 'Next' })).toBeVisible();
      await picture('deploy');
      const server = await new ServerPage(page, 'everything').open();
      await server.isState('Running');
      await page.waitForTimeout(45_000); // until the charts have something to draw
      await picture('server');
      await server.show('Logs');
      await expect(page.getByText('Live', { exact: true })).toBeVisible();
      await picture('logs');
      await server.show('Connect');
      await picture('connect');
    } finally {
      await owner.remove('everything');
      await owner.remove('stopped-tools');
    }
  });
}
