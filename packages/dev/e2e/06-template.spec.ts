import { expect, test } from '@playwright/test';
import { connect, mcpUrl, Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';

const name = 'word-tools';
let owner: Person;

test.beforeAll(async () => {
  owner = await Person.named('alice');
});
test.afterAll(() => owner.remove(name));

test('a template makes a server from source: written, built, deployed, callable', async ({
  page,
}) => {
  test.setTimeout(600_000);
  await signIn(page, alice);
  await page.goto('/create/templates/default/new-typescript-mcp-server');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page
    .getByRole('textbox', { name: 'Description' })
    .fill('Counts the words of a text');
  // Alice has one group, so there is nothing to choose.
  await expect(page.getByRole('textbox', { name: 'Owner' })).toHaveValue(
    'Team A',
  );
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(
    page.getByRole('textbox', { name: 'Name of the tool' }),
  ).toHaveValue('count_words');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Create' }).click();

  await expect(page.getByRole('link', { name: 'Open the server' })).toBeVisible(
    { timeout: 400_000 },
  );
  expect((await owner.server(name)).status.state).toBe('Running');
  const client = await connect(mcpUrl(name), owner.token);
  const { tools } = await client.listTools();
  expect(tools.map(tool => tool.name)).toEqual(['count_words']);
  const result = await client.callTool({
    name: 'count_words',
    arguments: { text: 'one two three' },
  });
  expect(JSON.stringify(result.content)).toContain('3');
  await client.close();
});
