// The sign-in provider as a program of its own: `node main.ts`, told by its environment.
import { serveProvider } from './provider.ts';
import { StateFile } from './stateFile.ts';

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

async function main() {
  const port = Number(required('OIDC_PORT'));
  const server = await serveProvider({
    port,
    portal: required('OIDC_PORTAL'),
    clientSecret: required('OIDC_CLIENT_SECRET'),
    state: new StateFile(required('OIDC_STATE_FILE')),
  });
  process.stdout.write(`sign-in provider on http://localhost:${port}\n`);
  process.on('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
}

main().catch(error => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
