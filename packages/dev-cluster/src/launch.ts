import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { logFile, namespacePath, pidFile } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { componentNames, environmentOf } from './components.ts';
import type { Component } from './components.ts';
import {
  identify,
  isAlive,
  readPidFile,
  writePidFile,
} from './system/processes.ts';

/**
 * Joins the cluster's cgroups and its network namespace, then becomes the component: the number of
 * the process stays the same through all of it.
 */
const launcher = `
namespace=$1; shift
while [ "$1" != -- ]; do echo $$ > "$1" || exit 1; shift; done
exec nsenter --net="$namespace" "$@"
`;

export function launch(
  cluster: Cluster,
  cgroupFiles: string[],
  component: Component,
): void {
  const log = logFile(cluster, component.name);
  mkdirSync(dirname(log), { recursive: true });
  if (existsSync(log)) {
    // The log before this one often tells why there was a restart.
    renameSync(log, `${log}.1`);
  }
  const output = openSync(log, 'a');
  const hostNamespace = openSync('/proc/self/ns/net', 'r');
  const files = component.reachesHost ? [hostNamespace] : [];
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      launcher,
      component.name,
      namespacePath(cluster),
      ...cgroupFiles,
      '--',
      ...component.command,
    ],
    {
      cwd: cluster.stateDir,
      detached: true,
      stdio: ['ignore', output, output, ...files],
      env: environmentOf(component.name),
    },
  );
  child.on('error', () => {});
  child.unref();
  closeSync(output);
  closeSync(hostNamespace);
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id) {
    writePidFile(pidFile(cluster, component.name), id);
  }
}

export const isRunning = (cluster: Cluster, component: string): boolean => {
  const id = readPidFile(pidFile(cluster, component));
  return id !== undefined && isAlive(id);
};

export const allRunning = (cluster: Cluster): boolean =>
  componentNames.every(name => isRunning(cluster, name));

/** Fails with the name and the last words of the first component that is not alive. */
export function assertAlive(cluster: Cluster, names: readonly string[]): void {
  const dead = names.find(name => !isRunning(cluster, name));
  if (dead) {
    throw new Error(
      `${dead} has stopped. Its last lines (${logFile(
        cluster,
        dead,
      )}):\n${lastLines(cluster, dead)}`,
    );
  }
}

function lastLines(cluster: Cluster, component: string): string {
  try {
    const lines = readFileSync(logFile(cluster, component), 'utf8')
      .trimEnd()
      .split('\n');
    return lines
      .slice(-12)
      .map(line => `    ${line.slice(0, 400)}`)
      .join('\n');
  } catch {
    return '    (no log)';
  }
}
