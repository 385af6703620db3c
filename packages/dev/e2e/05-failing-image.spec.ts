import { expect, test } from '@playwright/test';
import { Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';
import { ServerPage } from './support/serverPage.ts';
import { registry } from './support/surroundings.ts';

const name = 'no-such-image';
/** A registry that the platform does not list, and that nobody answers for: only the node finds out. */
const UNLISTED = '127.0.0.1:9/nobody/nothing:1';

test('an image that is not there is told in words, with what to do', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await signIn(page, alice);
  await page.goto('/mcp-cloud/deploy');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  const deploy = async (image: string) => {
    await page.getByRole('textbox', { name: 'Image', exact: true }).fill(image);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  };
  // One that its registry does not have is refused before anything is made.
  await deploy(`${registry}/nobody/nothing:1`);
  await expect(page.getByText(/its registry has no/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Back' }).click();

  await deploy(UNLISTED);
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
