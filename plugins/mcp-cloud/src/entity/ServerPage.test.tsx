import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router-dom';
import { EditPage } from '../deploy/EditPage';
import { FakeMcpCloud, FakeResponseError } from '../__testUtils__/FakeMcpCloud';
import {
  ago,
  DEGRADED,
  failed,
  operation,
  pod,
  server,
  STOPPED,
  succeeded,
} from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { ServerPage } from './ServerPage';

const user = userEvent.setup({ delay: null });

function Pages() {
  return (
    <Routes>
      <Route path="/mcp-cloud/servers/:name" element={<ServerPage />} />
      <Route path="/mcp-cloud/servers/:name/edit" element={<EditPage />} />
    </Routes>
  );
}

function render(fake: FakeMcpCloud, at = '/mcp-cloud/servers/everything') {
  return renderPage(<Pages />, { fake, at });
}

function aFake(values: Parameters<typeof server>[0] = {}) {
  const fake = new FakeMcpCloud();
  fake.servers = [server(values)];
  if (values.operation) {
    fake.operations.set(values.operation.id, values.operation);
  }
  return fake;
}

const title = () => screen.findByRole('heading', { name: 'everything' });

describe('ServerPage', () => {
  it.each([
    [undefined, 0],
    [ago(0), 1],
  ])('shows when it was last called, once it was: %s', async (at, times) => {
    render(aFake({ lastCallAt: at }));
    await title();
    expect(screen.queryAllByText('Last call')).toHaveLength(times);
  });

  it('shows what somebody changed in the cluster, and repairs it', async () => {
    const fake = aFake();
    fake.drift = {
      state: 'drifted',
      checkedAt: ago(0),
      repairsItself: false,
      objects: [
        { kind: 'Service', name: 'mcp-x', drift: 'missing', fields: [] },
        {
          kind: 'Deployment',
          name: 'mcp-x',
          drift: 'changed',
          fields: [
            {
              path: 'spec.replicas',
              wanted: 1,
              found: 5,
              by: { manager: 'kubectl-edit' },
            },
          ],
        },
      ],
    };
    render(fake);
    const section = await screen.findByRole('region', {
      name: 'Changed by others',
    });
    within(section).getByText('Service mcp-x is missing.');
    within(section).getByText('Deployment mcp-x was changed by kubectl-edit:');
    within(section).getByText('+ 5');
    await user.click(within(section).getByRole('button', { name: 'Repair' }));
    await waitFor(() => expect(fake.callsOf('repairDrift')).toHaveLength(1));
  });

  it('answers what the server is doing now', async () => {
    const fake = aFake();
    fake.pods = [
      pod({
        restarts: 1,
        containers: [
          {
            name: 'server',
            image: 'x',
            ready: true,
            restarts: 1,
            state: 'running',
            lastTermination: {
              reason: 'OOMKilled',
              exitCode: 137,
              at: ago(10_800_000),
            },
          },
        ],
      }),
    ];
    fake.metrics = {
      stepSeconds: 10,
      samples: [
        {
          at: ago(60_000),
          cpuMillicores: 30,
          memoryBytes: 100 * 1024 ** 2,
          pods: 1,
        },
        {
          at: ago(0),
          cpuMillicores: 45,
          memoryBytes: 256 * 1024 ** 2,
          pods: 1,
        },
      ],
      limits: { memoryBytes: 512 * 1024 ** 2 },
    };
    render(fake);
    await title();
    expect(screen.getByText('3 of 3 pods ready')).toBeInTheDocument();
    expect(screen.getByText('“raise memory”')).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'Copy endpoint' }),
    ).toBeInTheDocument();

    const row = within(
      await screen.findByRole('row', { name: /mcp-everything-7c9f-x2x/ }),
    );
    expect(row.getByText(/1 \(OOMKilled, /)).toHaveTextContent(
      '1 (OOMKilled, 3 hr. ago)',
    );
    expect(row.getByText('84 MiB of 512 MiB')).toBeInTheDocument();
    expect(
      await screen.findByRole('img', {
        name: /Memory: 256 MiB of 512 MiB \(50 %\) now/,
      }),
    ).toBeInTheDocument();
    expect(screen.getByRole('list', { name: '5 tools' })).toHaveTextContent(
      'echo',
    );

    await user.click(
      row.getByRole('button', {
        name: 'Previous logs of mcp-everything-7c9f-x2x',
      }),
    );
    await waitFor(() =>
      expect(fake.callsOf('followLogs')[0][2]).toMatchObject({
        pod: 'mcp-everything-7c9f-x2x',
        previous: true,
      }),
    );
  });

  it('groups pods by revision during a rollout', async () => {
    const fake = aFake();
    fake.pods = [
      pod({ revision: 8, name: 'new-pod' }),
      pod({ revision: 7, name: 'old-pod' }),
    ];
    render(fake);
    expect(
      await screen.findByText('Rolling out: revision #7 → #8'),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('grid', { name: 'Pods, Revision #7' })).getByText(
        'old-pod',
      ),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('grid', { name: 'Pods, Revision #8' })).getByText(
        'new-pod',
      ),
    ).toBeInTheDocument();
  });

  it('tells reason, hint and stderr of a server that fails', async () => {
    render(aFake({ status: DEGRADED }));
    await title();
    expect(screen.getByText(DEGRADED.hint!)).toBeInTheDocument();
    expect(
      screen.getByRole('region', { name: 'Last lines on stderr' }),
    ).toHaveTextContent('left-pad');
    expect(
      screen.getByRole('button', { name: 'Edit and try again' }),
    ).toBeEnabled();
  });

  it('scales: says what happens to sessions, shows the steps, and keeps the outcome until it is dismissed', async () => {
    const fake = aFake();
    const { signals } = render(fake);
    await title();
    await user.click(screen.getByRole('button', { name: 'Scale' }));
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Scale everything' }),
    );
    expect(dialog.getByRole('button', { name: 'Scale to 3' })).toBeDisabled();
    const field = dialog.getByRole('textbox', { name: 'Pods' });
    await user.clear(field);
    await user.type(field, '2{Tab}');
    expect(
      dialog.getByText(/Removes 1 pod. Calls in flight are finished first/),
    ).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Scale to 2' }));
    expect(fake.callsOf('scaleServer')).toEqual([
      ['scaleServer', 'everything', 2],
    ]);

    const region = within(
      await screen.findByRole('region', { name: 'Operation' }),
    );
    expect(region.getByRole('list', { name: 'Steps' })).toBeInTheDocument();
    const begun = [...fake.operations.values()][0];
    fake.operations.set(begun.id, succeeded(begun));
    act(() => signals.send({ id: 'id-everything', version: 8 }));
    expect(
      await region.findByText('Scale · done in 5.2 s'),
    ).toBeInTheDocument();
    await user.click(region.getByRole('button', { name: 'Dismiss' }));
    expect(
      await region.findByText('Last operation: Scale · done in 5.2 s'),
    ).toBeInTheDocument();
  });

  it('deletes only after the name is typed, and says so when it is gone', async () => {
    const fake = aFake();
    const { signals } = render(fake);
    await title();
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Delete everything?' }),
    );
    expect(dialog.getByText(/This cannot be undone/)).toBeInTheDocument();
    const confirm = dialog.getByRole('button', { name: 'Delete for good' });
    expect(confirm).toBeDisabled();
    await user.type(
      dialog.getByRole('textbox', { name: 'Type everything to confirm' }),
      'everything',
    );
    await user.click(confirm);
    expect(fake.callsOf('deleteServer')).toHaveLength(1);

    fake.servers = [];
    act(() => signals.send({ id: 'id-everything', version: 9 }));
    expect(
      await screen.findByText('everything is deleted'),
    ).toBeInTheDocument();
  });

  it('keeps the dialog open with the backend’s words when an action is refused', async () => {
    const fake = aFake();
    fake.refusal = new FakeResponseError(
      409,
      'A deploy is running. Wait for it to end.',
    );
    render(fake);
    await title();
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Stop everything?' }),
    );
    expect(
      dialog.getByText(/Ends 3 pods and every running session/),
    ).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Stop' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'A deploy is running.',
    );
  });

  it('disables what is not allowed, with the reason', async () => {
    const fake = aFake({
      allowed: ['read'],
      status: STOPPED,
      runState: 'stopped',
    });
    render(fake);
    await title();
    for (const name of ['Edit', 'Start', 'Delete']) {
      const button = screen.getByRole('button', { name });
      expect(button).toHaveAttribute('aria-disabled', 'true');
      expect(button).toHaveAccessibleDescription(/You may not .* this server/);
      await user.click(button);
    }
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    await user.click(screen.getByRole('tab', { name: 'Logs' }));
    expect(
      await screen.findByText(/You may not read the logs/),
    ).toBeInTheDocument();
    expect(fake.callsOf('followLogs')).toEqual([]);
  });

  it('reads anew on a signal about this server only, with its version', async () => {
    const fake = aFake();
    const { signals } = render(fake);
    await title();
    await waitFor(() => expect(fake.callsOf('getPods')).not.toHaveLength(0));
    fake.calls = [];
    act(() => signals.send({ id: 'id-of-another', version: 5 }));
    act(() => signals.send({ id: 'id-everything', version: 12 }));
    await waitFor(() =>
      expect(fake.callsOf('getServer')).toEqual([
        ['getServer', 'everything', { after: 12 }],
      ]),
    );
    expect(fake.callsOf('getPods')).toEqual([
      ['getPods', 'everything', { after: 12 }],
    ]);
  });

  it('keeps the page with a notice while reading fails', async () => {
    const fake = aFake();
    const { signals } = render(fake);
    await title();
    fake.failure = new FakeResponseError(503, 'The backend restarts.');
    act(() => signals.send({ id: 'id-everything', version: 12 }));
    expect(
      (await screen.findAllByText(/Live updates lost/))[0],
    ).toBeInTheDocument();
    expect(
      screen.getByRole('heading', { name: 'everything' }),
    ).toBeInTheDocument();
  });

  it('shows the operation of someone else, and why it failed', async () => {
    render(
      aFake({ operation: failed(operation({ kind: 'deploy', revision: 7 })) }),
    );
    const region = within(
      await screen.findByRole('region', { name: 'Operation' }),
    );
    expect(
      region.getByText('Deploy revision #7 · failed after 5.2 s'),
    ).toBeInTheDocument();
    expect(region.getByText(/exit code 1/)).toBeInTheDocument();
  });

  it('edits: the form is filled in, secrets keep their values, the change carries the etag', async () => {
    const fake = aFake({
      spec: {
        command: ['node', 'a b'],
        secrets: ['API_KEY'],
        workingDir: '/srv',
      },
    });
    render(fake);
    await title();
    await user.click(screen.getByRole('button', { name: 'Edit' }));
    await screen.findByRole('heading', { name: 'Edit everything' });
    expect(screen.getByRole('textbox', { name: 'Name' })).toHaveAttribute(
      'readonly',
    );
    await user.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findByRole('textbox', { name: 'Command' })).toHaveValue(
      `node 'a b'`,
    );
    expect(screen.getByLabelText('Secret value 1')).toHaveValue('');
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await screen.findByText(/A new revision rolls out/);

    fake.refusal = new FakeResponseError(412, 'The server was changed.');
    await user.click(screen.getByRole('button', { name: 'Deploy the change' }));
    await screen.findByText(/Someone changed this server after you opened it/);
    fake.refusal = undefined;
    fake.servers[0].etag = '"8"';
    await user.click(
      screen.getByRole('button', { name: 'Read again, keep what I typed' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('alert')).not.toBeInTheDocument(),
    );
    await user.click(screen.getByRole('button', { name: 'Deploy the change' }));
    await screen.findByRole('list', { name: 'Steps' });
    const [, name, etag, body] = fake.callsOf('updateServer')[1];
    expect([name, etag]).toEqual(['everything', '"8"']);
    expect(body).toMatchObject({
      spec: {
        command: ['node', 'a b'],
        secrets: ['API_KEY'],
        workingDir: '/srv',
      },
    });
    expect(body).not.toHaveProperty('replicas');
  });

  it('hands out a token once, and puts it into the snippets', async () => {
    render(aFake(), '/mcp-cloud/servers/everything?view=connect');
    expect(
      await screen.findByRole('region', { name: 'snippet for Claude Code' }),
    ).toHaveTextContent('YOUR_TOKEN');
    await user.click(screen.getByRole('button', { name: 'Get a token' }));
    expect(await screen.findByText('fake-token-value')).toBeInTheDocument();
    expect(
      screen.getByRole('region', { name: 'snippet for Claude Code' }),
    ).toHaveTextContent(
      'claude mcp add --transport http everything http://localhost:7007/api/mcp-cloud/servers/everything/mcp',
    );
    expect(
      screen.getByRole('region', { name: 'snippet for Claude Code' }),
    ).toHaveTextContent('Bearer fake-token-value');
  });

  it('cancels what goes on, for whoever may', async () => {
    const begun = operation({ id: 'op-1', kind: 'deploy', revision: 8 });
    const fake = aFake({ operation: begun });
    render(fake);
    const cancel = await screen.findByRole('button', {
      name: 'Cancel and go back',
    });
    await user.click(cancel);
    expect(fake.callsOf('cancelOperation')).toEqual([
      ['cancelOperation', 'op-1'],
    ]);
  });

  it('says why one may not cancel', async () => {
    const begun = operation({ id: 'op-1', kind: 'deploy', revision: 8 });
    render(aFake({ operation: begun, allowed: ['read', 'operate'] }));
    expect(
      await screen.findByRole('button', { name: 'Cancel and go back' }),
    ).toHaveAttribute('aria-disabled', 'true');
  });

  describe('with another environment', () => {
    function twoEnvironments(there: Parameters<typeof server>[0] = {}) {
      const fake = aFake({ application: 'tools' });
      fake.servers.push(
        server({
          name: 'everything-prod',
          application: 'tools',
          environment: 'production',
          ...there,
        }),
      );
      fake.preview = {
        ...fake.preview,
        action: 'promote',
        spec: [{ path: 'image', before: 'i:1', after: 'i:2' }],
        warnings: [{ reason: 'RestartsPods', message: 'Pods are replaced.' }],
      };
      return fake;
    }
    const promote = async () => {
      await title();
      await user.click(await screen.findByRole('button', { name: 'Promote' }));
      return screen.findByRole('dialog');
    };

    it('promotes the revision to it after a preview, and shows how that goes there', async () => {
      const fake = twoEnvironments();
      render(fake);
      const dialog = await promote();
      expect(dialog).toHaveTextContent('Promote revision #7 of everything?');
      expect(
        await within(dialog).findByText('Pods are replaced.'),
      ).toBeVisible();
      expect(within(dialog).getByText('+ i:2')).toBeVisible();
      expect(fake.callsOf('previewChange')).toContainEqual([
        'previewChange',
        'everything',
        { action: 'promote', to: 'everything-prod', revision: 7 },
      ]);
      await user.type(within(dialog).getByRole('textbox'), 'tried for a week');
      await user.click(
        within(dialog).getByRole('button', { name: 'Promote to production' }),
      );
      expect(
        await screen.findByRole('heading', { name: 'everything-prod' }),
      ).toBeInTheDocument();
      expect(fake.callsOf('promoteServer')).toEqual([
        [
          'promoteServer',
          'everything',
          { to: 'everything-prod', revision: 7, message: 'tried for a week' },
        ],
      ]);
      expect(
        screen.getByRole('region', { name: 'Operation' }),
      ).toHaveTextContent(/Deploy/);
    });

    it('does not promote what makes no difference', async () => {
      const fake = twoEnvironments();
      fake.preview = { ...fake.preview, spec: [] };
      render(fake);
      const dialog = await promote();
      expect(
        await within(dialog).findByText(
          'Nothing differs that a promotion brings.',
        ),
      ).toBeVisible();
      expect(
        within(dialog).getByRole('button', { name: 'Promote to production' }),
      ).toBeDisabled();
    });

    it('keeps the dialog open with the words of a refusal', async () => {
      const fake = twoEnvironments();
      fake.refusal = new FakeResponseError(400, 'TOKEN has no value yet.');
      render(fake);
      const dialog = await promote();
      await within(dialog).findByText('+ i:2');
      await user.click(
        within(dialog).getByRole('button', { name: 'Promote to production' }),
      );
      expect(
        await within(dialog).findByText('TOKEN has no value yet.'),
      ).toBeVisible();
    });
  });

  it('offers no promotion to a server that is alone', async () => {
    render(aFake());
    await title();
    expect(
      screen.queryByRole('button', { name: 'Promote' }),
    ).not.toBeInTheDocument();
  });

  it.each([
    ['prod-1', 'Move to the cluster prod-1'],
    [undefined, 'Remove what a move left in another cluster'],
  ])('says of a move what it does: %s', async (cluster, what) => {
    render(aFake({ operation: operation({ kind: 'move', cluster }) }));
    await title();
    expect(
      await screen.findByText(new RegExp(`^${what} · running`)),
    ).toBeInTheDocument();
  });
});
