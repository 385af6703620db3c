import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { FakeMcpCloud } from '../__testUtils__/FakeMcpCloud';
import { pod, server } from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { append, EMPTY_BUFFER, MAX_LINES } from './logBuffer';
import { LogsView } from './LogsView';

const user = userEvent.setup({ delay: null });

function Page() {
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      {isOpen && <LogsView server={server()} />}
      <button onClick={() => setOpen(false)}>Leave</button>
    </>
  );
}

function aFake() {
  const fake = new FakeMcpCloud();
  fake.pods = [pod({ name: 'pod-one' }), pod({ name: 'pod-two' })];
  return fake;
}

const at = (second: number) =>
  `2026-11-21T10:00:${String(second).padStart(2, '0')}.000Z`;
const box = () => screen.getByRole('log', { name: 'Log lines' });

function setHidden(hidden: boolean) {
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    value: hidden ? 'hidden' : 'visible',
  });
  act(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

describe('LogsView', () => {
  afterEach(() => setHidden(false));

  it('follows all pods merged, filters, pauses and clears', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    expect(fake.callsOf('followLogs')[0][2]).toMatchObject({
      pod: undefined,
      previous: false,
      tailLines: 500,
    });

    fake.writeLog({ pod: 'pod-one', at: at(1), text: 'listening on stdio' });
    fake.writeLog({ pod: 'pod-two', at: at(2), text: 'Error: boom' });
    await waitFor(() =>
      expect(box()).toHaveTextContent(/listening on stdio.*Error: boom/),
    );
    expect(screen.getByText('Live')).toBeInTheDocument();

    await user.type(
      screen.getByRole('searchbox', { name: 'Filter lines' }),
      'error',
    );
    expect(box()).not.toHaveTextContent('listening');
    expect(screen.getByText('1 of 2 lines')).toBeInTheDocument();
    await user.clear(screen.getByRole('searchbox', { name: 'Filter lines' }));

    await user.click(screen.getByRole('button', { name: 'Pause' }));
    fake.writeLog({ pod: 'pod-one', at: at(3), text: 'while paused' });
    expect(
      await screen.findByText('Paused, 1 line waiting'),
    ).toBeInTheDocument();
    expect(box()).not.toHaveTextContent('while paused');
    await user.click(screen.getByRole('button', { name: 'Resume' }));
    expect(box()).toHaveTextContent('while paused');

    await user.click(screen.getByRole('button', { name: 'Clear' }));
    expect(box()).toHaveTextContent('No lines yet.');
    fake.writeLog({ pod: 'pod-one', at: at(4), text: 'after clearing' });
    await waitFor(() => expect(box()).toHaveTextContent('after clearing'));
  });

  it('follows one pod, with one stream open at a time, closed when the page is left', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    await user.click(await screen.findByRole('button', { name: /Pod/ }));
    await user.click(await screen.findByRole('option', { name: 'pod-two' }));
    await waitFor(() => expect(fake.callsOf('followLogs')).toHaveLength(2));
    expect(fake.callsOf('followLogs')[1][2]).toMatchObject({ pod: 'pod-two' });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    await waitFor(() => expect(fake.openLogs).toBe(0));
  });

  it('closes the stream while hidden and goes on where it was, without double lines', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    fake.writeLog({ pod: 'pod-one', at: at(1), text: 'before' });
    await waitFor(() => expect(box()).toHaveTextContent('before'));
    setHidden(true);
    await waitFor(() => expect(fake.openLogs).toBe(0));
    setHidden(false);
    await waitFor(() => expect(fake.openLogs).toBe(1));
    expect(fake.callsOf('followLogs')[1][2]).toMatchObject({
      tailLines: undefined,
      sinceSeconds: expect.any(Number),
    });
    fake.writeLog({ pod: 'pod-one', at: at(1), text: 'before' });
    fake.writeLog({ pod: 'pod-one', at: at(2), text: 'later' });
    await waitFor(() => expect(box()).toHaveTextContent('later'));
    expect(screen.getAllByText('before')).toHaveLength(1);
  });

  it('says why a connection was lost and connects again', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    fake.writeLog(new Error('network error'));
    expect(
      await screen.findByText('Connection lost (network error), retrying'),
    ).toBeInTheDocument();
    await waitFor(() => expect(fake.openLogs).toBe(1), { timeout: 3_000 });
  });

  it('reads the previous run to its end', async () => {
    const fake = aFake();
    renderPage(<Page />, { fake, at: '/?pod=pod-one&previous=true' });
    await waitFor(() => expect(fake.openLogs).toBe(1));
    fake.writeLog({ pod: 'pod-one', at: at(1), text: 'last words' });
    fake.writeLog(null);
    expect(
      await screen.findByText('End of the previous run'),
    ).toBeInTheDocument();
    expect(box()).toHaveTextContent('last words');
    expect(fake.callsOf('followLogs')).toHaveLength(1);
  });

  it('keeps a bounded number of lines', () => {
    const lines = Array.from({ length: MAX_LINES + 10 }, (_, n) => ({
      pod: 'p',
      text: String(n),
    }));
    const buffer = append(EMPTY_BUFFER, lines);
    expect(buffer.lines).toHaveLength(MAX_LINES);
    expect(buffer.lines[0]).toMatchObject({ text: '10', number: 10 });
    expect(buffer.hasDropped).toBe(true);
  });
});
