import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readJson, writeJson } from '../../../dev-cluster/src/system/files.ts';

/** Name of the portal that `./dev` means when it is told none. */
export const DEFAULT_NAME = 'dev';

/** Everything a portal of this machine keeps, in one folder that only its user can read. */
export interface StateDir {
  path: string;
  database: string;
  /** Credentials of the backend's own narrow account. */
  kubeconfig: string;
  /** Ports, and which cluster is used. */
  portal: string;
  secrets: string;
  /** The environment that the backend was started with last. */
  environment: string;
  oidcState: string;
  lock: string;
  pid(service: string): string;
  log(service: string): string;
}

export function stateBase(env: NodeJS.ProcessEnv = process.env): string {
  const base =
    env.MCP_CLOUD_STATE ||
    join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'mcp-cloud');
  return resolve(base);
}

export function stateDir(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): StateDir {
  const path = join(
    stateBase(env),
    name === DEFAULT_NAME ? 'portal' : `portal-${name}`,
  );
  return {
    path,
    database: join(path, 'database'),
    kubeconfig: join(path, 'backend.kubeconfig'),
    portal: join(path, 'portal.json'),
    secrets: join(path, 'secrets.json'),
    environment: join(path, 'environment.json'),
    oidcState: join(path, 'oidc.json'),
    lock: join(stateBase(env), `portal-${name}.lock`),
    pid: service => join(path, 'pids', service),
    log: service => join(path, 'logs', `${service}.log`),
  };
}

/** What is made up at the first start and kept: with other values, old sign-ins and tokens would be void. */
export interface Secrets {
  session: string;
  oidc: string;
  keys: string;
}

const secret = () => randomBytes(32).toString('hex');

export function secretsOf({ secrets }: StateDir): Secrets {
  const old = readJson<Secrets>(secrets);
  if (old) {
    return old;
  }
  const made = { session: secret(), oidc: secret(), keys: secret() };
  writeJson(secrets, made);
  return made;
}
