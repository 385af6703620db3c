import { rmSync } from 'node:fs';
import { resetCluster, stopCluster } from './clusters/index.ts';
import { readRecord } from './portal/record.ts';
import { BACKEND, OIDC } from './portal/services.ts';
import { stateDir, type StateDir } from './portal/stateDir.ts';
import { stop } from './system/detached.ts';
import { say, step } from '../../dev-cluster/src/system/steps.ts';

const stopped = (was: boolean) => (was ? 'stopped' : 'did not run');

async function stopServices(state: StateDir): Promise<void> {
  await step('backend', () => stop(state.pid(BACKEND)), stopped);
  await step('sign-in provider', () => stop(state.pid(OIDC)), stopped);
}

/** Stops what `up` started, the cluster included when it was `up` that started it. */
export async function down(name: string): Promise<void> {
  const state = stateDir(name);
  const { cluster } = readRecord(state);
  say(`Stopping MCP Cloud (${state.path})`);
  await stopServices(state);
  if (cluster?.startedByUs) {
    await step(`cluster ${cluster.name}`, () => stopCluster(cluster));
  } else if (cluster) {
    say(
      `  – the cluster ${cluster.title} was not started by this portal and goes on`,
    );
  }
}

/** Stops everything and forgets it. A cluster of somebody else keeps running, without what was put into it. */
export async function reset(name: string): Promise<void> {
  const state = stateDir(name);
  const { cluster, madeNamespaces = [] } = readRecord(state);
  say(`Stopping MCP Cloud and deleting its state (${state.path})`);
  await stopServices(state);
  if (cluster?.startedByUs) {
    await step(`cluster ${cluster.name}`, () => resetCluster(cluster));
  } else if (cluster) {
    await step(`what was put into the cluster ${cluster.title}`, async () => {
      const { clearCluster } = await import('./clusters/access.ts');
      await clearCluster(cluster, madeNamespaces);
    });
  }
  rmSync(state.path, { recursive: true, force: true });
}
