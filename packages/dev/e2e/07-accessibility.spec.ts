import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';

const name = 'for-everyone';

/** Only what is ours: header, sidebar and breadcrumbs around it come from Backstage. */
async function violations(page: Page, within: string): Promise<string[]> {
  // What is still fading in has less contrast than it will have.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(one => one.effect?.getComputedTiming().iterations !== Infinity)
        .map(one => one.finished.catch(() => {})),
    ),
  );
  const { violations: found } = await new AxeBuilder({ page })
    .include(within)
    .withTags(['wcag2a', 'wcag2aa'])
    .analyze();
  return found.map(
    one =>
      `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`,
  );
}

for (const theme of ['light', 'dark'] as const) {
  test(`the pages can be used by everyone, in ${theme}`, async ({ page }) => {
    const owner = await Person.named('alice');
    await owner.deploy(name, 'group:default/team-a');
    try {
      await page.emulateMedia({ colorScheme: theme });
      await signIn(page, alice);
      await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
      expect(await violations(page, '[role=grid], table')).toEqual([]);
      await page.goto('/mcp-cloud/deploy');
      await expect(page.getByRole('button', { name: 'Next' })).toBeVisible();
      expect(await violations(page, 'form')).toEqual([]);
      await page.goto(`/mcp-cloud/servers/${name}`);
      await expect(page.getByRole('tab', { name: 'Status' })).toBeVisible();
      expect(await violations(page, '[role=tabpanel]')).toEqual([]);
    } finally {
      await owner.remove(name);
    }
  });
}
