import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** This package's own folder. */
export const packageDir = dirname(import.meta.dirname);

export const goDir = join(packageDir, 'go');

/** An add-on's Go module, and the objects that it puts into a cluster. */
export const addOnDir = (name: string) => join(packageDir, 'addons', name);

/** Where everything lives that can be made anew: binaries by the hash of their sources. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'mcp-cloud', 'dev-cluster');
}

/** Where clusters keep their state, one folder each. */
export function clustersDir(
  stateDir?: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const base =
    stateDir ||
    env.MCP_CLOUD_STATE ||
    join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'mcp-cloud');
  return join(resolve(base), 'clusters');
}

/**
 * What must be known across all state directories of this machine: which cluster holds which
 * ports, who is starting or stopping one, and what to put back in the end. A reboot empties it,
 * as it empties everything that these notes are about.
 */
export const machineDir = '/run/mcp-cloud';
