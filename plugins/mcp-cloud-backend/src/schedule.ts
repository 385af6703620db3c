import type { SchedulerService } from '@backstage/backend-plugin-api';
import type { SigningKeys } from './keys/SigningKeys';
import type { StateNews } from './news/StateNews';
import type { Watchdog } from './recovery/Watchdog';
import type { History } from './servers/History';
import type { ServerCommands } from './servers/ServerCommands';
import type { ServerMoves } from './servers/ServerMoves';
import type { UsageCollector } from './usage/UsageCollector';
import type { ServerSecrets } from './servers/ServerSecrets';

const KEY_LIFE_MS = 90 * 24 * 3600 * 1000;

/** What is done from time to time, by one of the replicas. */
export async function schedule(
  scheduler: SchedulerService,
  options: {
    signer: SigningKeys;
    commands: ServerCommands;
    secrets: ServerSecrets;
    history: History;
    moves: ServerMoves;
    usageCollector: UsageCollector;
    watchdog: Watchdog;
    stateNews: StateNews;
    /** How often servers are asked whether they answer. */
    askMs: number;
  },
): Promise<void> {
  const { signer, commands, secrets, history, moves, usageCollector, askMs } =
    options;
  await scheduler.scheduleTask({
    id: 'rotate-signing-keys',
    frequency: { hours: 1 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 1 },
    fn: async () => {
      if (await signer.rotate(KEY_LIFE_MS)) {
        await commands.distributeKeys();
      }
    },
  });
  await scheduler.scheduleTask({
    id: 'collect-abandoned-secrets',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    initialDelay: { minutes: 1 },
    fn: () => secrets.collect(),
  });
  await scheduler.scheduleTask({
    id: 'collect-usage',
    frequency: { seconds: 30 },
    timeout: { minutes: 2 },
    fn: () => usageCollector.collect(),
  });
  await scheduler.scheduleTask({
    id: 'recover-servers',
    frequency: { milliseconds: askMs },
    timeout: { minutes: 10 },
    fn: signal => options.watchdog.round(signal),
  });
  await scheduler.scheduleTask({
    id: 'tell-states',
    frequency: { seconds: 5 },
    timeout: { minutes: 2 },
    fn: () => options.stateNews.round(),
  });
  await scheduler.scheduleTask({
    id: 'clear-after-moves',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    fn: () => moves.clear(),
  });
  await scheduler.scheduleTask({
    id: 'prune-history',
    frequency: { hours: 1 },
    timeout: { minutes: 10 },
    initialDelay: { minutes: 5 },
    fn: () => history.prune(),
  });
}
