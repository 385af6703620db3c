import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeMcpCloud, FakeResponseError } from '../__testUtils__/FakeMcpCloud';
import { failed, server, succeeded } from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { DeployPage } from './DeployPage';

const user = userEvent.setup({ delay: null });

async function fill(label: string, text: string) {
  const field = screen.getByRole('textbox', { name: label });
  await user.clear(field);
  await user.click(field);
  await user.paste(text);
}

async function choose(label: RegExp, option: string) {
  await user.click(screen.getByRole('button', { name: label }));
  await user.click(await screen.findByRole('option', { name: option }));
}

const next = () => user.click(screen.getByRole('button', { name: 'Next' }));
const heading = (name: string) => screen.findByRole('heading', { name });

async function fillWhat() {
  await screen.findByRole('heading', { name: 'What' });
  await fill('Name', 'my-tools');
  await fill('Image', 'registry.example.com/my-tools:1.4');
  await choose(/Cluster/, 'Development');
  expect(await screen.findByText('✓ free')).toBeInTheDocument();
}

async function fillAll() {
  await fillWhat();
  await next();
  await heading('How it runs');
  await fill('Command', `node server.js --greet "hello you"`);
  await user.click(screen.getByRole('button', { name: 'Add variable' }));
  await fill('Variable name 1', 'API_URL');
  await fill('Value 1', 'https://api.example.com');
  await user.click(screen.getByRole('button', { name: 'Add secret' }));
  await fill('Secret name 1', 'API_KEY');
  await user.type(screen.getByLabelText('Secret value 1'), 'hunter2');
  await next();
  await heading('Review');
}

describe('DeployPage', () => {
  it('says at the fields what is wrong, and does not go on', async () => {
    const fake = new FakeMcpCloud();
    fake.servers = [server({ name: 'taken' })];
    renderPage(<DeployPage />, { fake });
    await heading('What');

    await next();
    expect(screen.getByRole('alert')).toHaveTextContent(
      '3 fields need your attention',
    );
    expect(screen.getByText('A server needs an image.')).toBeInTheDocument();
    expect(screen.getByText('A server needs a cluster.')).toBeInTheDocument();

    await fill('Name', 'My Tools');
    expect(
      screen.getByText(/A name starts with a lower-case letter/),
    ).toBeInTheDocument();
    expect(screen.getByRole('textbox', { name: 'Name' })).toBeInvalid();
    await fill('Name', 'taken');
    expect(
      await screen.findByText('This name is taken. Choose another one.'),
    ).toBeInTheDocument();

    await fill('Image', 'NOT an image');
    expect(
      screen.getByText(/This is not an image reference/),
    ).toBeInTheDocument();

    await choose(/Cluster/, 'Production (unreachable: connection refused)');
    expect(
      screen.getByText(/Production cannot be reached now: connection refused/),
    ).toBeInTheDocument();
    expect(fake.callsOf('createServer')).toEqual([]);
  });

  it('checks variables and secrets', async () => {
    renderPage(<DeployPage />, { fake: new FakeMcpCloud() });
    await fillWhat();
    await next();
    await heading('How it runs');

    await user.click(screen.getByRole('button', { name: 'Add variable' }));
    await fill('Variable name 1', '1BAD');
    await user.click(screen.getByRole('button', { name: 'Add secret' }));
    await fill('Secret name 1', 'API_KEY');
    await fill('Command', 'node "server');
    await fill('Memory limit', 'lots');
    await next();

    expect(
      screen.getByText(/A variable name has letters, digits and underscores/),
    ).toBeInTheDocument();
    expect(screen.getByText('A new secret needs a value.')).toBeInTheDocument();
    expect(
      screen.getByText('A quote is opened and not closed.'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/The memory limit must be a Kubernetes quantity/),
    ).toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent(
      '4 fields need your attention',
    );
  });

  it('adds the bridge beside an image', async () => {
    const fake = new FakeMcpCloud();
    renderPage(<DeployPage />, { fake });
    await fillWhat();
    expect(screen.getByText(/built from the bridge’s image/)).toBeVisible();
    await choose(/Bridge/, 'Add the bridge beside the image');
    expect(
      screen.getByText(/Any image of a stdio server, as it is/),
    ).toBeVisible();
    await next();
    await heading('How it runs');
    await fill('Command', 'node server.js');
    await next();
    await heading('Review');
    expect(
      screen.getByText('Add the bridge beside the image'),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    await screen.findByText('Deploying my-tools');
    const [[, body]] = fake.callsOf('createServer');
    expect(body).toMatchObject({
      spec: { bridge: { mode: 'sidecar' }, command: ['node', 'server.js'] },
    });
  });

  it.each([
    [{ bridge: '0.1.0' }, '✓ found, holds the bridge', '✓ found; starts x y'],
    [{}, 'found; it does not hold the bridge', '✓ found; starts x y'],
    [
      { command: [] },
      'found; it does not hold the bridge',
      'found; say on the next page which command starts it',
    ],
  ])(
    'says of an image what its registry says: %j',
    async (view, inIt, beside) => {
      const fake = new FakeMcpCloud();
      fake.image = { state: 'found', command: ['x', 'y'], ...view };
      renderPage(<DeployPage />, { fake });
      await fillWhat();
      expect(await screen.findByText(inIt)).toBeInTheDocument();
      await choose(/Bridge/, 'Add the bridge beside the image');
      expect(await screen.findByText(beside)).toBeInTheDocument();
    },
  );

  it('says when there is no such image', async () => {
    const fake = new FakeMcpCloud();
    fake.image = { state: 'missing' };
    renderPage(<DeployPage />, { fake });
    await fillWhat();
    expect(
      await screen.findByText('There is no such image in its registry.'),
    ).toBeInTheDocument();
  });

  it('deploys: what was typed becomes the request, steps show live, the result stays', async () => {
    const fake = new FakeMcpCloud();
    const { signals } = renderPage(<DeployPage />, { fake });
    await fillAll();
    expect(
      screen.getByText(
        'A server named my-tools will be created on dev-1 with 1 pod.',
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText(/hunter2/)).not.toBeInTheDocument();

    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    const steps = await screen.findByRole('list', { name: 'Steps' });
    expect(within(steps).getByText(/Pods ready/)).toBeInTheDocument();
    const [[, body]] = fake.callsOf('createServer');
    expect(body).toMatchObject({
      spec: {
        name: 'my-tools',
        owner: 'group:default/team-a',
        cluster: 'dev-1',
        command: ['node', 'server.js', '--greet', 'hello you'],
        env: { API_URL: 'https://api.example.com' },
        secrets: ['API_KEY'],
      },
      replicas: 1,
      secretValues: { API_KEY: 'hunter2' },
    });

    const begun = [...fake.operations.values()][0];
    fake.operations.set(begun.id, succeeded(begun));
    act(() => signals.send({ id: begun.serverId, version: 2 }));
    expect(
      await screen.findByText('Ready in 5.2 s: 5 tools, 2 prompts, 1 resource'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Open the server' }),
    ).toHaveAttribute('href', '/mcp-cloud/servers/my-tools');
    expect(
      screen.getByRole('link', { name: 'Open in the catalog' }),
    ).toHaveAttribute('href', '/catalog/default/component/my-tools/mcp-server');
  });

  it('tells before the deploy what is left of the quota', async () => {
    const GI = 2 ** 30;
    const fake = new FakeMcpCloud();
    fake.preview = {
      ...fake.preview,
      quota: {
        owner: 'group:default/team-a',
        limits: {
          servers: 10,
          replicas: 30,
          cpuMillicores: 4000,
          memoryBytes: 16 * GI,
        },
        used: {
          servers: 2,
          replicas: 4,
          cpuMillicores: 450,
          memoryBytes: 2 * GI,
        },
        after: {
          servers: 3,
          replicas: 5,
          cpuMillicores: 500,
          memoryBytes: 2.5 * GI,
        },
      },
    };
    renderPage(<DeployPage />, { fake });
    await fillAll();
    expect(
      await screen.findByText(
        'Quota after: 3 of 10 servers · 5 of 30 pods · 500 mCPU of 4 CPU requested · 2.5 GiB of 16 GiB memory',
      ),
    ).toBeInTheDocument();
    const [[, asked]] = fake.callsOf('previewCreate');
    expect(asked).toMatchObject({ spec: { name: 'my-tools' }, replicas: 1 });
    expect(JSON.stringify(asked)).not.toContain('hunter2');
  });

  it('tells before the deploy that it is over the quota, or that this is not known', async () => {
    const fake = new FakeMcpCloud();
    const problem = 'servers: 10 of 10 used, and this asks for 1 more.';
    const { warnings } = fake.preview;
    fake.preview = {
      ...fake.preview,
      warnings: [...warnings, { reason: 'QuotaExceeded', message: problem }],
    };
    renderPage(<DeployPage />, { fake });
    await fillAll();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      `This is over the quota${problem}`,
    );

    await user.click(screen.getByRole('button', { name: 'Back' }));
    fake.previewCreate = async () => {
      throw new FakeResponseError(503, 'The cluster does not answer.');
    };
    await heading('How it runs');
    await fill('Memory limit', '1Gi');
    await next();
    expect(
      await screen.findByText(
        'What is left of the quota is not known: The cluster does not answer.',
      ),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('shows a refusal in the backend’s words and loses nothing', async () => {
    const fake = new FakeMcpCloud();
    fake.refusal = new FakeResponseError(
      409,
      'Quota: team-a has 10 of 10 servers.',
    );
    renderPage(<DeployPage />, { fake });
    await fillAll();
    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Quota: team-a has 10 of 10 servers.',
    );

    fake.refusal = undefined;
    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    expect(
      await screen.findByRole('list', { name: 'Steps' }),
    ).toBeInTheDocument();
  });

  it('after a failed deploy tells cause, hint and stderr, and sends the mended form as a change', async () => {
    const fake = new FakeMcpCloud();
    const { signals } = renderPage(<DeployPage />, { fake });
    await fillAll();
    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    await screen.findByRole('list', { name: 'Steps' });
    const begun = [...fake.operations.values()][0];
    fake.operations.set(begun.id, failed(begun));
    act(() => signals.send({ id: begun.serverId, version: 2 }));

    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(
      'The server’s process ended with exit code 1.',
    );
    expect(alert).toHaveTextContent('mend the command or a variable');
    expect(alert).toHaveTextContent('Error: API_URL is not set');

    await user.click(
      screen.getByRole('button', { name: 'Edit and try again' }),
    );
    await heading('What');
    expect(screen.getByRole('textbox', { name: 'Image' })).toHaveValue(
      'registry.example.com/my-tools:1.4',
    );
    await fill('Image', 'registry.example.com/my-tools:1.5');
    await next();
    await heading('How it runs');
    expect(screen.getByLabelText('Secret value 1')).toHaveValue('hunter2');
    await next();
    await heading('Review');
    await user.click(screen.getByRole('button', { name: 'Deploy' }));
    await waitFor(() => expect(fake.callsOf('updateServer')).toHaveLength(1));
    expect(fake.callsOf('updateServer')[0]).toEqual([
      'updateServer',
      'my-tools',
      '"7"',
      expect.objectContaining({
        spec: expect.objectContaining({
          image: 'registry.example.com/my-tools:1.5',
        }),
        secretValues: { API_KEY: 'hunter2' },
      }),
    ]);
  });
});
