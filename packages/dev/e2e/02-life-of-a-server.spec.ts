import { expect, test, type Page } from '@playwright/test';
import { connect, mcpUrl, Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';
import {
  forward,
  killPod,
  objectsOf,
  podsOf,
  untilNothingIsLeft,
} from './support/kubernetes.ts';
import { ServerPage } from './support/serverPage.ts';
import { image } from './support/surroundings.ts';

/** One server from its first form to its end; every test goes on where the one before stopped. */
test.describe.configure({ mode: 'serial' });

const name = 'everything';
let page: Page;
let server: ServerPage;
let person: Person;
let id: string;

test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  await signIn(page, alice);
  person = await Person.named('alice');
  server = new ServerPage(page, name);
});
test.afterAll(() => page.close());

test('is deployed by the form and shows its steps until it is ready', async () => {
  await page.goto('/mcp-cloud/deploy');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('textbox', { name: 'Image', exact: true }).fill(image);
  await expect(page.getByText(/^(✓ )?free$/)).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(
    page.getByText(`A server named ${name} will be created`),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();

  await expect(
    page.getByRole('heading', { name: `Deploying ${name}` }),
  ).toBeVisible();
  await expect(page.getByText('MCP handshake')).toBeVisible();
  await expect(page.getByText(/Ready in .*: \d+ tools/)).toBeVisible({
    timeout: 120_000,
  });
  await page.getByRole('link', { name: 'Open the server' }).click();
  await server.isState('Running');
  await expect(server.pods).toHaveCount(1);
  await expect(server.pods.first()).toContainText('Running');
  id = (await person.server(name)).id;
});

test('stands in the list and in the catalog', async () => {
  await page.goto('/mcp-cloud');
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
  await expect(row).toContainText('Running');
  await expect(row).toContainText('Team A');
  await expect(async () => {
    await page.goto(`/catalog/default/component/${name}/mcp-server`);
    await expect(server.head.getByText('Running', { exact: true })).toBeVisible(
      { timeout: 3000 },
    );
  }).toPass({ timeout: 60_000 });
});

test('answers an MCP client through the portal, with a Backstage token', async () => {
  const client = await connect(mcpUrl(name), person.token);
  const { tools } = await client.listTools();
  expect(tools.map(tool => tool.name)).toContain('echo');
  const result = await client.callTool({
    name: 'echo',
    arguments: { message: 'hello from the tests' },
  });
  expect(JSON.stringify(result.content)).toContain('hello from the tests');
  await client.close();
});

test('answers an MCP client past the portal, with a token from the page', async () => {
  await server.open();
  await server.show('Connect');
  await page.getByRole('button', { name: 'Get a token' }).click();
  await expect(page.getByText('Copy it now')).toBeVisible();
  const { status, body } = await person.call<{ token: string }>(
    'POST',
    `/servers/${name}/tokens`,
    {},
  );
  expect(status).toBe(201);
  const way = await forward(id);
  try {
    const client = await connect(way.url, body.token);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
    await expect(
      connect(way.url, `${body.token.slice(0, -4)}AAAA`),
    ).rejects.toThrow();
  } finally {
    way.close();
  }
});

test('is scaled to three pods', async () => {
  await server.open();
  await server.act('Scale', 'Scale to 3', async dialog => {
    await dialog.getByRole('textbox', { name: 'Pods' }).fill('3');
    await dialog.getByRole('textbox', { name: 'Pods' }).blur();
  });
  await expect(server.head.getByText('3 of 3 pods ready')).toBeVisible({
    timeout: 60_000,
  });
  await expect(server.pods).toHaveCount(3);
  expect(await podsOf(id)).toHaveLength(3);
});

test('shows a pod that is killed go, and another one come', async () => {
  const [victim] = await podsOf(id);
  await expect(server.pod(victim)).toBeVisible();
  await killPod(victim);
  await expect(server.pod(victim)).toBeHidden({ timeout: 15_000 });
  await expect(server.head.getByText('3 of 3 pods ready')).toBeVisible({
    timeout: 60_000,
  });
  await expect(server.pods).toHaveCount(3);
});

test('shows what its pods write, as they write it', async () => {
  await server.show('Logs');
  const log = page.getByRole('log', { name: 'Log lines' });
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  const before = await page.getByText(/^\d+ lines?$/).textContent();
  const client = await connect(mcpUrl(name), person.token);
  await client.callTool({
    name: 'echo',
    arguments: { message: 'seen in the log' },
  });
  await client.close();
  await expect(page.getByText(/^\d+ lines?$/)).not.toHaveText(before ?? '');
  await expect(log).not.toBeEmpty();
});

test('is stopped and started', async () => {
  await server.show('Status');
  await server.act('Stop', 'Stop');
  await server.isState('Stopped');
  await expect(
    page.getByText('No pods. A stopped server has none'),
  ).toBeVisible();
  await expect.poll(() => podsOf(id), { timeout: 60_000 }).toHaveLength(0);
  await server.act('Start', 'Start');
  await server.isState('Running');
  await expect(server.head.getByText('3 of 3 pods ready')).toBeVisible({
    timeout: 60_000,
  });
});

test('is deleted, and leaves nothing behind', async () => {
  expect(await objectsOf(id)).not.toHaveLength(0);
  await server.act('Delete', 'Delete for good', async dialog => {
    await dialog
      .getByRole('textbox', { name: `Type ${name} to confirm` })
      .fill(name);
  });
  await expect(page.getByText(`${name} is deleted`)).toBeVisible({
    timeout: 60_000,
  });
  expect(await untilNothingIsLeft(id)).toEqual([]);
  expect((await person.call('GET', `/servers/${name}`)).status).toBe(404);
});
