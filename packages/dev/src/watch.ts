import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { inRepository } from './repository.ts';
import { BACKEND } from './portal/services.ts';
import { baseEnvironment } from './portal/settings.ts';
import type { StateDir } from './portal/stateDir.ts';
import { say } from '../../dev-cluster/src/system/steps.ts';
import { stop } from './system/detached.ts';

/** Serves pages and backend from their sources, in the foreground, until one of them ends or Ctrl-C. */
export async function watch(
  state: StateDir,
  environment: Record<string, string>,
): Promise<void> {
  await stop(state.pid(BACKEND)); // one that was started before holds the port and the database
  mkdirSync(state.database, { recursive: true, mode: 0o700 });
  const cli = inRepository('node_modules', '.bin', 'backstage-cli');
  const start = (folder: string) =>
    spawn(process.execPath, [cli, 'package', 'start'], {
      cwd: inRepository('packages', folder),
      env: { ...baseEnvironment(), ...environment },
      stdio: 'inherit',
    });
  say(
    `  Watching. The page will be at ${environment.MCP_CLOUD_APP_URL} in about a minute; Ctrl-C ends.`,
  );
  const children = [start('backend'), start('app')];
  const endAll = () => children.forEach(child => child.kill('SIGTERM'));
  process.once('SIGINT', endAll).once('SIGTERM', endAll);
  await Promise.race(
    children.map(child => new Promise(resolve => child.once('exit', resolve))),
  );
  endAll();
  await Promise.all(
    children.map(
      child =>
        child.exitCode ??
        child.signalCode ??
        new Promise(resolve => child.once('exit', resolve)),
    ),
  );
}
