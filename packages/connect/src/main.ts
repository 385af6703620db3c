import { HostedServer } from './HostedServer';
import { relay } from './relay';
import { SignIn } from './SignIn';
import { parseArguments, usage, UsageError } from './arguments';

declare const CONNECT_VERSION: string;

/** Standard output belongs to the protocol. */
const log = (text: string) => process.stderr.write(`mcp-connect: ${text}\n`);

async function main(): Promise<void> {
  const settings = parseArguments(process.argv.slice(2), process.env);
  if (settings === 'help') {
    process.stdout.write(usage);
    return;
  }
  if (settings === 'version') {
    process.stdout.write(`${CONNECT_VERSION}\n`);
    return;
  }
  await relay(process.stdin, process.stdout, log, onMessage => {
    const server = new HostedServer({
      ...settings,
      signIn: new SignIn({ ...settings, log }),
      onMessage,
      log,
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        void server.close().then(() => process.exit(0));
      });
    }
    return server;
  });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    log(error.message);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
