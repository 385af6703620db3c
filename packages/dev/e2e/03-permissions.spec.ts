import { expect, test } from '@playwright/test';
import { connect, mcpUrl, Person } from './support/api.ts';
import { bob, carol, signIn } from './support/browser.ts';
import { ServerPage } from './support/serverPage.ts';

test.describe.configure({ mode: 'serial' });

const name = 'of-team-a';
let owner: Person;

test.beforeAll(async () => {
  owner = await Person.named('alice');
  await owner.deploy(name, 'group:default/team-a');
});
test.afterAll(() => owner.remove(name));

test('someone of another team sees the server and cannot touch it', async ({
  page,
}) => {
  await signIn(page, bob);
  const server = await new ServerPage(page, name).open();
  await server.isState('Running');
  for (const button of ['Edit', 'Scale', 'Restart', 'Stop', 'Delete']) {
    await expect(server.button(button)).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await expect(server.button(button)).toHaveAccessibleDescription(
      /Its owner or an administrator can/,
    );
  }
  await server.show('Logs');
  await expect(
    page.getByText('You may not read the logs of this server.'),
  ).toBeVisible();
});

test('and the REST interface refuses the same', async () => {
  const stranger = await Person.named('bob');
  expect((await stranger.call('GET', `/servers/${name}`)).status).toBe(200);
  const refused: Array<[string, string, unknown?]> = [
    ['POST', `/servers/${name}/scale`, { replicas: 2 }],
    ['POST', `/servers/${name}/stop`],
    ['POST', `/servers/${name}/restart`],
    ['DELETE', `/servers/${name}`],
    ['GET', `/servers/${name}/logs`],
    ['POST', `/servers/${name}/tokens`, {}],
  ];
  for (const [method, path, body] of refused) {
    expect([path, (await stranger.call(method, path, body)).status]).toEqual([
      path,
      403,
    ]);
  }
  await expect(connect(mcpUrl(name), stranger.token)).rejects.toThrow(/403/);
});

test('someone of another team cannot make a server in this team’s name', async () => {
  const stranger = await Person.named('bob');
  const spec = {
    name: 'not-mine',
    owner: 'group:default/team-a',
    cluster: 'any',
    image: 'example.com/x:1',
  };
  expect((await stranger.call('POST', '/servers', { spec })).status).toBe(403);
});

test('nobody gets in without signing in', async ({ request }) => {
  for (const path of ['/servers', `/servers/${name}`, '/clusters']) {
    expect((await request.get(`/api/mcp-cloud${path}`)).status()).toBe(401);
  }
  expect(
    (
      await request.post(`/api/mcp-cloud/servers/${name}/mcp`, { data: {} })
    ).status(),
  ).toBe(401);
});

test('an administrator may operate it', async ({ page }) => {
  await signIn(page, carol);
  const server = await new ServerPage(page, name).open();
  await server.act('Restart', 'Restart');
  await expect(page.getByText(/^Restart · done in/)).toBeVisible({
    timeout: 60_000,
  });
  await server.isState('Running');
});
