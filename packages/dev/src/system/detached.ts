import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import {
  identify,
  isAlive,
  readPidFile,
  signal,
  signalGroup,
  writePidFile,
  type ProcessId,
} from '../../../dev-cluster/src/system/processes.ts';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';

/** The process that a pid file tells of, as long as it runs. */
export function running(pidFile: string): ProcessId | undefined {
  const id = readPidFile(pidFile);
  return id && isAlive(id) ? id : undefined;
}

export interface Service {
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  pidFile: string;
}

/** Starts a Node program that outlives this one, in a process group of its own. */
export function startDetached({
  args,
  cwd,
  env,
  logFile,
  pidFile,
}: Service): ProcessId {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'w', 0o600);
  try {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (!id) {
      throw new Error(`${args.join(' ')} did not start; see ${logFile}`);
    }
    writePidFile(pidFile, id);
    return id;
  } finally {
    closeSync(log);
  }
}

/** Asks the process of a pid file to end, and after some seconds makes it, with all of its group. */
export async function stop(pidFile: string, seconds = 15): Promise<boolean> {
  const id = running(pidFile);
  if (id) {
    signal(id, 'SIGTERM');
    const deadline = Date.now() + seconds * 1000;
    while (isAlive(id) && Date.now() < deadline) {
      await sleep(50);
    }
    // The group also holds what the process itself left behind.
    signalGroup(id.pid, 'SIGKILL');
    while (isAlive(id)) {
      await sleep(20);
    }
  }
  rmSync(pidFile, { force: true });
  return id !== undefined;
}
