import { expect, test } from '@playwright/test';
import { Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';
import { ServerPage } from './support/serverPage.ts';
import { registry } from './support/surroundings.ts';

const name = 'no-such-image';

test('an image that is not there is told in words, with what to do', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await signIn(page, alice);
  await page.goto('/mcp-cloud/deploy');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page
    .getByRole('textbox', { name: 'Image', exact: true })
    .fill(`${registry}/nobody/nothing:1`);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();

  await expect(page.getByText('The deploy failed')).toBeVisible({
    timeout: 240_000,
  });
  await expect(page.getByText(/image/i).first()).toBeVisible();
  await expect(
    page.getByRole('button', { name: 'Edit and try again' }),
  ).toBeVisible();

  const server = await new ServerPage(page, name).open();
  await server.isState('Failed');
  const owner = await Person.named('alice');
  expect((await owner.server(name)).status.reason).toMatch(/Image/);
  await owner.remove(name);
});
