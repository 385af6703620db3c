import type { BridgeConfig } from '../config/schema';
import type { Logger } from '../observability/logger';
import { AgentHost } from './agent/host';
import type { Journal } from './journal';
import { LocalHost } from './local';
import type { ProcessHost } from './process';
import { UpstreamHost } from './upstream/host';
import { Program } from './upstream/program';

function processHost({ agent }: BridgeConfig, logger: Logger): ProcessHost {
  return agent === undefined ? new LocalHost() : new AgentHost(agent, logger);
}

/** Where clients are served, as the configuration has it at the start: by processes here or at an agent, or over HTTP. */
export function createHost(
  config: () => BridgeConfig,
  journal: Journal,
  logger: Logger,
): ProcessHost {
  const { upstream, command } = config();
  if (upstream === undefined) return processHost(config(), logger);
  const program =
    command.length === 0
      ? undefined
      : new Program({
          command,
          host: processHost(config(), logger),
          stopGrace: () => config().stopGrace,
          journal,
        });
  return new UpstreamHost({
    url: new URL(upstream),
    program,
    headerEnv: () => config().headerEnv,
    maxLine: () => config().limits.maxLine,
    logger,
  });
}
