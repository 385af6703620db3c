import { render, screen } from '@testing-library/react';

describe('App', () => {
  it('asks for a sign-in with the company account first', async () => {
    process.env = {
      ...process.env,
      APP_CONFIG: [
        {
          data: {
            app: { title: 'MCP Cloud' },
            backend: { baseUrl: 'http://localhost:7007' },
          },
          context: 'test',
        },
      ] as unknown as string,
    };
    const { default: App } = await import('./App');
    render(App.createRoot());
    expect(
      await screen.findByText(
        'Sign in with your company account',
        {},
        { timeout: 15_000 },
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Sign In' })).toBeEnabled();
  }, 60_000);
});
