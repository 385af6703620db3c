import { expect, test } from '@playwright/test';
import { alice, bob, carol, signIn, signOut } from './support/browser.ts';

for (const person of [alice, bob, carol]) {
  test(`${person} signs in, stays so over a reload, and signs out`, async ({
    page,
  }) => {
    await signIn(page, person);
    await page.reload();
    await expect(page.getByRole('link', { name: 'Settings' })).toBeVisible();
    await page.goto('/settings');
    await expect(page.getByText(person).first()).toBeVisible();
    await signOut(page);
    await page.reload();
    await expect(page.getByRole('button', { name: 'Sign In' })).toBeVisible();
  });
}

test('a second person in the same browser is not the first', async ({
  page,
}) => {
  await signIn(page, alice);
  await signOut(page);
  await signIn(page, bob);
  await page.goto('/settings');
  await expect(page.getByText(bob).first()).toBeVisible();
  await expect(page.getByText(alice)).toHaveCount(0);
});

test('the home of the portal is the dashboard, which at first shows the ways to start', async ({
  page,
}) => {
  await signIn(page, alice);
  await expect(page).toHaveURL(/\/mcp-cloud$/);
  await expect(
    page.getByRole('heading', { name: 'No MCP servers yet' }),
  ).toBeVisible();
  await expect(
    page.getByRole('link', { name: 'New from template' }).first(),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Deploy an image' }).first().click();
  await expect(page).toHaveURL(/\/mcp-cloud\/deploy$/);
});
