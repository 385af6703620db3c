import { writeFileSync } from 'node:fs';
import { Bridge } from './bridge';
import { helpText, UsageError } from './config/flags';
import { LoadedConfig, Sources, sourcesFrom } from './config/load';
import { isLoopback } from './config/loopback';
import { watchFile } from './config/watch';
import { createLogger, Logger } from './observability/logger';
import { version } from './observability/status';

/** Kubernetes shows what stands here as the reason of a container that ended. */
const TERMINATION_LOG = '/dev/termination-log';

function fail(message: string): never {
  const line = `mcp-bridge: ${message}`.replace(/\s*\n\s*/g, ' ');
  try {
    writeFileSync(TERMINATION_LOG, `${line}\n`, { flag: 'r+' }); // only where it exists
  } catch {
    // not in a pod
  }
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function warnOfUnknown(loaded: LoadedConfig, logger: Logger): void {
  if (loaded.unknownKeys.length > 0) {
    logger.warn(
      { keys: loaded.unknownKeys },
      'the configuration has settings that this version does not know',
    );
  }
}

function watchConfig(sources: Sources, bridge: Bridge, logger: Logger): void {
  if (sources.configPath === undefined) return;
  watchFile(sources.configPath, () => {
    try {
      const loaded = sources.load();
      warnOfUnknown(loaded, logger);
      bridge.reconfigure(loaded);
    } catch (error) {
      bridge.refuseConfig((error as Error).message);
    }
  });
}

async function run(sources: Sources): Promise<void> {
  const loaded = sources.load();
  const { logger, flush } = createLogger(loaded.config.logLevel);
  warnOfUnknown(loaded, logger);
  const bridge = new Bridge(loaded, logger);
  if (loaded.config.grpcPort !== undefined) {
    // Its libraries take longer to load than all the rest: only who wants them does.
    const { GrpcEnd } = await import('./grpc/GrpcEnd');
    bridge.add(options => new GrpcEnd(options));
  }

  const leave = (code: number): never => {
    bridge.supervisor.killAll();
    flush();
    process.exit(code);
  };
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) leave(1); // asked twice: at once
    stopping = true;
    logger.info({ signal }, 'shutting down');
    const linger = signal === 'SIGTERM' && !isLoopback(loaded.config.host);
    bridge.drain({ linger }).then(
      () => leave(0),
      () => leave(1),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal(
        { err: error },
        'mcp-bridge ends because of a fault of its own',
      );
      leave(1);
    });
  }

  await bridge.start();
  watchConfig(sources, bridge, logger);
}

async function main(): Promise<void> {
  const sources = sourcesFrom(process.argv.slice(2), process.env);
  if (sources === 'help') process.stdout.write(helpText());
  else if (sources === 'version') process.stdout.write(`${version}\n`);
  else await run(sources);
}

main().catch((error: unknown) => {
  fail(
    error instanceof UsageError
      ? error.message
      : `${(error as Error).stack ?? error}`,
  );
});
