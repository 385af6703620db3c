import { expect, type Page } from '@playwright/test';

export const alice = 'Alice Owner';
export const bob = 'Bob Owner';
export const carol = 'Carol Administrator';

/** Signs a person in, as a person does: by the provider's page, in a window of its own. */
export async function signIn(
  page: Page,
  name: string,
  path = '/',
): Promise<void> {
  await page.goto(path);
  const button = page.getByRole('button', { name: 'Sign In' });
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    button.click(),
  ]);
  await Promise.all([
    popup.waitForEvent('close'),
    popup.getByRole('button', { name }).click(),
  ]);
  await expect(page.getByRole('link', { name: 'Settings' })).toBeVisible();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/settings');
  await page.getByTestId('user-settings-menu').click();
  await page.getByTestId('sign-out').click();
  await expect(page.getByRole('button', { name: 'Sign In' })).toBeVisible();
}

/** Chooses from a list that opens on a click. */
export async function choose(
  page: Page,
  label: string,
  option: string | RegExp,
): Promise<void> {
  await page
    .getByRole('button', { name: new RegExp(`^${label}|${label}$`) })
    .click();
  await page.getByRole('option', { name: option }).click();
}

/** The word for a server's state at the head of its page. */
export const stateOf = (page: Page, server: string) =>
  page
    .locator('header')
    .filter({ has: page.getByRole('heading', { name: server, exact: true }) });
