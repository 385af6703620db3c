import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { RevisionView } from '@mcp-cloud/plugin-mcp-cloud-common';
import { FakeMcpCloud, FakeResponseError } from '../__testUtils__/FakeMcpCloud';
import { ago, failed, operation, server } from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { HistoryView } from './HistoryView';

const user = userEvent.setup({ delay: null });

function revision(values: Partial<RevisionView>): RevisionView {
  return {
    number: 1,
    author: 'user:default/ana',
    createdAt: ago(3_600_000),
    origin: 'update',
    image: 'registry.example.com/everything:1.4',
    newest: false,
    good: false,
    ...values,
  };
}

function aFake() {
  const fake = new FakeMcpCloud();
  fake.servers = [server()];
  fake.revisions = [
    revision({
      number: 7,
      newest: true,
      good: true,
      origin: 'automatic-rollback',
      restores: 5,
      author: 'service:mcp-cloud',
    }),
    revision({ number: 6, message: 'raise memory' }),
    revision({ number: 5, label: 'stable' }),
  ];
  fake.diff = {
    spec: [{ path: 'env.CITY', before: 'Bern', after: 'Rome' }],
    objects: [
      {
        kind: 'Deployment',
        name: 'mcp-everything',
        change: 'changed',
        fields: [],
      },
    ],
  };
  return fake;
}

function render(fake: FakeMcpCloud, values: Parameters<typeof server>[0] = {}) {
  const accepted = jest.fn();
  renderPage(<HistoryView server={server(values)} onAccepted={accepted} />, {
    fake,
    at: '/mcp-cloud/servers/everything',
  });
  return accepted;
}

describe('HistoryView', () => {
  it('tells what changed and who did it', async () => {
    const fake = aFake();
    fake.operations.set(
      '1',
      failed(operation({ id: '1', kind: 'deploy', revision: 6 })),
    );
    render(fake);
    const table = await screen.findByRole('grid', { name: 'Revisions' });
    const row = (name: RegExp) => within(table).getByRole('row', { name });
    expect(row(/#7/)).toHaveTextContent(
      /newest, ran last.*the platform.*Back to #5 by itself/,
    );
    expect(row(/#6/)).toHaveTextContent(/“raise memory”/);
    expect(row(/#5/)).toHaveTextContent(/stable/);
    const operations = await screen.findByRole('grid', { name: 'Operations' });
    expect(operations).toHaveTextContent(/Deploy revision #6.*failed after/);
    expect(operations).toHaveTextContent(/API_URL is not set/);
  });

  it('compares two revisions', async () => {
    const fake = aFake();
    render(fake);
    await user.click(
      await screen.findByRole('button', { name: 'Changes of revision #6' }),
    );
    expect(
      await screen.findByRole('heading', { name: 'From #5 to #6' }),
    ).toBeInTheDocument();
    expect(await screen.findByText('+ Rome')).toBeInTheDocument();
    expect(screen.getByText('− Bern')).toBeInTheDocument();
    expect(
      screen.getByText('Deployment mcp-everything is changed'),
    ).toBeInTheDocument();
    expect(fake.callsOf('diffRevision')).toContainEqual([
      'diffRevision',
      'everything',
      6,
      5,
    ]);
  });

  it('rolls back after a preview and a confirmation', async () => {
    const fake = aFake();
    fake.preview = {
      ...fake.preview,
      spec: [{ path: 'image', before: 'i:2', after: 'i:1' }],
      warnings: [{ reason: 'RestartsPods', message: 'Pods are replaced.' }],
    };
    const accepted = render(fake);
    await user.click(
      await screen.findByRole('button', { name: 'Roll back to revision #5' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('Pods are replaced.')).toBeVisible();
    expect(within(dialog).getByText('+ i:1')).toBeVisible();
    await user.type(within(dialog).getByRole('textbox'), 'too slow');
    await user.click(within(dialog).getByRole('button', { name: 'Roll back' }));
    await waitFor(() => expect(accepted).toHaveBeenCalled());
    expect(fake.callsOf('rollbackServer')).toEqual([
      ['rollbackServer', 'everything', { revision: 5, message: 'too slow' }],
    ]);
  });

  it('keeps the dialog open with the words of a refusal', async () => {
    const fake = aFake();
    fake.refusal = new FakeResponseError(409, '"everything" is being deleted.');
    render(fake);
    await user.click(
      await screen.findByRole('button', { name: 'Roll back to revision #5' }),
    );
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Roll back' }));
    expect(
      await within(dialog).findByText('"everything" is being deleted.'),
    ).toBeVisible();
  });

  it('does not offer the way back to whoever may not change the server', async () => {
    render(aFake(), { allowed: ['read'] });
    expect(
      await screen.findByRole('button', { name: 'Roll back to revision #5' }),
    ).toHaveAttribute('aria-disabled', 'true');
  });

  it('tells of errors and of emptiness', async () => {
    const fake = new FakeMcpCloud();
    render(fake);
    expect(await screen.findByText('No revisions yet.')).toBeInTheDocument();
    expect(
      await screen.findByText('Nothing was done yet.'),
    ).toBeInTheDocument();
  });

  it('tells when it may not be read', async () => {
    const fake = aFake();
    fake.failure = new FakeResponseError(403, 'no');
    render(fake);
    expect(await screen.findAllByText('You may not see this')).not.toEqual([]);
  });
});
