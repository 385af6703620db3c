import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { FakeMcpCloud, FakeResponseError } from '../__testUtils__/FakeMcpCloud';
import { DEGRADED, server, STOPPED } from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { DashboardPage } from './DashboardPage';

function Page() {
  return (
    <>
      <DashboardPage />
      <output aria-label="address">{useLocation().search}</output>
    </>
  );
}

function aFake() {
  const fake = new FakeMcpCloud();
  fake.servers = [
    server({ name: 'alpha', owner: 'group:default/team-b' }),
    server({ name: 'zeta', owner: 'group:default/team-a' }),
    server({
      name: 'broken',
      owner: 'group:default/team-b',
      status: DEGRADED,
      environment: 'prod',
    }),
    server({
      name: 'resting',
      status: STOPPED,
      runState: 'stopped',
      allowed: ['read'],
    }),
  ];
  return fake;
}

const rowNames = () =>
  screen.getAllByRole('rowheader').map(cell => cell.textContent);

describe('DashboardPage', () => {
  it('shows what is wrong first, then mine, then the rest by name, each with word, reason and numbers', async () => {
    renderPage(<Page />, { fake: aFake() });

    expect(await screen.findByRole('link', { name: 'broken' })).toHaveAttribute(
      'href',
      '/mcp-cloud/servers/broken',
    );
    await waitFor(() =>
      expect(rowNames()).toEqual(['broken', 'resting', 'zeta', 'alpha']),
    );
    const row = within(screen.getByRole('row', { name: /broken/ }));
    expect(row.getByText('Degraded')).toBeInTheDocument();
    expect(row.getByText(DEGRADED.message)).toBeInTheDocument();
    expect(row.getByText('2/3')).toBeInTheDocument();
    expect(row.getByText('everything:1.4')).toHaveAttribute(
      'title',
      'registry.example.com/team-a/everything:1.4',
    );
    expect(row.getByText('prod')).toBeInTheDocument();
    const counts = within(
      screen.getByRole('group', { name: 'Servers by state' }),
    );
    expect(
      counts.getByRole('button', { name: '2 Running' }),
    ).toBeInTheDocument();
    expect(
      counts.getByRole('button', { name: '1 Degraded' }),
    ).toBeInTheDocument();
  });

  it('keeps search, filters and sort order in the URL, and takes them from there', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake, at: '/?owner=mine&sort=name&order=desc' });

    await waitFor(() => expect(rowNames()).toEqual(['zeta', 'resting']));
    expect(fake.callsOf('listServers')[0][1]).toMatchObject({
      owner: ['user:default/ana', 'group:default/team-a'],
    });

    await userEvent.click(screen.getByRole('button', { name: '1 Stopped' }));
    await waitFor(() => expect(rowNames()).toEqual(['resting']));
    expect(screen.getByLabelText('address')).toHaveTextContent('state=Stopped');

    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search servers' }),
      'nothing',
    );
    expect(await screen.findByText('No server matches')).toBeInTheDocument();
    expect(screen.getByLabelText('address')).toHaveTextContent('q=nothing');

    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await waitFor(() =>
      expect(rowNames()).toEqual(['zeta', 'resting', 'broken', 'alpha']),
    );
    expect(screen.getByLabelText('address')).toHaveTextContent(
      '?sort=name&order=desc',
    );
  });

  it('begins with the two ways to start when there is nothing yet', async () => {
    renderPage(<Page />, { fake: new FakeMcpCloud() });

    expect(await screen.findByText('No MCP servers yet')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Deploy an image' }),
    ).toHaveAttribute('href', '/mcp-cloud/deploy');
    expect(
      screen.getByRole('link', { name: 'New from template' }),
    ).toHaveAttribute('href', '/create?filters[tags]=mcp-server');
  });

  it('offers no template where the portal has none', async () => {
    renderPage(<Page />, { fake: new FakeMcpCloud(), withoutTemplates: true });
    expect(await screen.findByText('No MCP servers yet')).toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: 'New from template' }),
    ).not.toBeInTheDocument();
  });

  it('tells an error in the backend’s words and reads again on wish', async () => {
    const fake = aFake();
    fake.failure = new FakeResponseError(500, 'The database is gone fishing.');
    renderPage(<Page />, { fake });

    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The database is gone fishing.');
    fake.failure = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('link', { name: 'alpha' }),
    ).toBeInTheDocument();
  });

  it('says so when the person may not see servers', async () => {
    const fake = aFake();
    fake.failure = new FakeResponseError(403, 'Not allowed');
    renderPage(<Page />, { fake });
    expect(await screen.findByText('You may not see this')).toBeInTheDocument();
  });

  it('reads anew on a signal, and keeps the rows with a notice when that fails', async () => {
    const fake = aFake();
    const { signals } = renderPage(<Page />, { fake });
    expect(
      await screen.findByRole('link', { name: 'alpha' }),
    ).toBeInTheDocument();

    fake.servers.push(server({ name: 'newcomer' }));
    act(() => signals.send({ id: 'id-newcomer', version: 9 }));
    expect(
      await screen.findByRole('link', { name: 'newcomer' }),
    ).toBeInTheDocument();

    fake.failure = new FakeResponseError(503, 'Try later.');
    act(() => signals.send({ id: 'id-newcomer', version: 10 }));
    expect(await screen.findByText(/Live updates lost/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'newcomer' })).toBeInTheDocument();
  });

  it('acts from a row, shows progress above the table, and gives the reason for what is not allowed', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake });

    await userEvent.click(
      await screen.findByRole('button', { name: 'Actions for zeta' }),
    );
    await userEvent.click(screen.getByRole('menuitem', { name: 'Restart' }));
    const dialog = await screen.findByRole('dialog', { name: 'Restart zeta?' });
    expect(dialog).toHaveTextContent('clients reconnect by themselves');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Restart' }),
    );
    expect(
      await screen.findByText(/Restart zeta · running/),
    ).toBeInTheDocument();
    expect(fake.callsOf('operateServer')).toEqual([
      ['operateServer', 'zeta', 'restart'],
    ]);

    await userEvent.click(
      screen.getByRole('button', { name: 'Actions for resting' }),
    );
    const start = screen.getByRole('menuitem', { name: /Start/ });
    expect(start).toHaveAttribute('aria-disabled', 'true');
    expect(start).toHaveTextContent('You may not operate this server.');
  });
});
